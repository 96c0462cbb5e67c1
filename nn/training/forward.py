"""The part of a step that is recorded: model, loss and penalty, eager or compiled."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Tensor
from nn.module import Module

__all__ = ["Forward", "Outcome"]


class Outcome(NamedTuple):
    """What a forward pass gave.

    Attributes
    ----------
    loss : Tensor
        One number.
    penalty : Tensor or None
        One number, if there is a regulariser.
    output : object
        What the model returned, if it was asked for.
    """

    loss: Tensor
    penalty: Tensor | None
    output: Any


class Forward:
    """Computes the loss of a batch, with plans of `autograd.compile` if asked to.

    Parameters
    ----------
    compile : bool
        Whether to compile.  Plans are kept from one fit to the next.

    Notes
    -----
    Model and loss are one plan.  Where the output of the model is needed as well they
    are two, because a plan has one result.
    """

    def __init__(self, compile: bool) -> None:
        self._output: Callable[..., Any] = training_output
        self._output_loss: Callable[..., Any] = output_loss
        self._loss: Callable[..., Any] = training_loss
        self._penalty: Callable[..., Any] = training_penalty
        if compile:
            self._output = autograd.compile(training_output)
            self._output_loss = autograd.compile(output_loss)
            self._loss = autograd.compile(training_loss)
            self._penalty = autograd.compile(training_penalty)

    def __call__(
        self,
        model: Module,
        loss: Callable[..., Any],
        regularizer: Callable[[Module], Any] | None,
        batch: tuple[tuple[Any, ...], Any],
        with_output: bool,
    ) -> Outcome:
        """Return what a batch of inputs and target gives."""
        inputs, target = batch
        output = None
        if with_output:
            output = self._output(model, inputs)
            value = self._output_loss(loss, output, target)
        else:
            value = self._loss(model, loss, inputs, target)
        penalty = None if regularizer is None else self._penalty(regularizer, model)
        return Outcome(value, penalty, output)


# The names are those in the warning where something cannot be compiled.


def training_output(model: Module, inputs: tuple[Any, ...]) -> Any:
    """Return what a model gives."""
    return model(*inputs)


def output_loss(loss: Callable[..., Any], output: Any, target: Any) -> Tensor:
    """Return the loss of an output."""
    return _one_number("loss", loss(output, target))


def training_loss(
    model: Module, loss: Callable[..., Any], inputs: tuple[Any, ...], target: Any
) -> Tensor:
    """Return the loss of what a model gives."""
    return _one_number("loss", loss(model(*inputs), target))


def training_penalty(regularizer: Callable[[Module], Any], model: Module) -> Tensor:
    """Return the penalty on the weights of a model."""
    return _one_number("regularizer", regularizer(model))


def _one_number(what: str, value: Any) -> Tensor:
    if not isinstance(value, Tensor) or value.size != 1:
        got = "a Tensor of shape" if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(
            f"fit: the {what} must return a Tensor with one number, got {got} "
            f"{np.shape(value)}. Compute it from the parameters, and take its mean()."
        )
    return value
