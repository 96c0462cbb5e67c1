"""The learning-rate range test: a short training run with a growing learning rate."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import NonFiniteError, Tensor
from nn.module import Module
from nn.optim import LBFGS
from nn.training.evaluation import split_batch
from nn.training.generators import find_generators, set_states, states_of

__all__ = ["LearningRateTest", "lr_range_test"]

_SMOOTHING = 0.9  # the share of the past in the smoothed loss
_TOO_LARGE = 4.0  # times the lowest smoothed loss: training has diverged
_FEWEST = 5  # steps that say something about a slope


@dataclass(frozen=True, eq=False, repr=False)
class LearningRateTest:
    """What `lr_range_test` measured.

    Attributes
    ----------
    rates : ndarray, shape (n,)
        The learning rate of each step, growing.
    losses : ndarray, shape (n,)
        The loss of each step, before its update.
    smoothed : ndarray, shape (n,)
        The running average of the losses.
    diverged : bool
        Whether the test stopped before its highest rate because the loss was no longer
        finite or had grown far above its lowest value.
    suggested : float or None
        A rate to begin with: a tenth of the rate at which the smoothed loss was lowest.
        None where the loss never fell, or still fell at the highest rate.
    suggestion : str
        The same in words.
    """

    rates: npt.NDArray[np.float64]
    losses: npt.NDArray[np.float64]
    smoothed: npt.NDArray[np.float64]
    diverged: bool
    suggested: float | None
    suggestion: str

    def __repr__(self) -> str:
        return f"LearningRateTest({len(self.rates)} steps. {self.suggestion})"


def lr_range_test(
    model: Module,
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    data: Iterable[tuple[Any, Any]],
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 100,
) -> LearningRateTest:
    """Find the learning rates at which a model learns, by trying them in one short run.

    Each step trains on one batch, with a learning rate that grows by the same factor
    every time.  Below the useful rates the loss hardly moves, at them it falls, above
    them it explodes.  Afterwards everything is as it was.

    Parameters
    ----------
    model : Module
        The model.
    loss : callable
        ``loss(predictions, targets)``, a Tensor with one element.
    optimizer : Optimizer
        An optimiser of ``nn.optim`` over the parameters of the model; all its groups
        get the rate of the step.
    data : iterable of (inputs, ..., targets)
        Batches, such as a `DataLoader`; begun again when it ends.
    lowest, highest : float, default 1e-6 and 1.0
        The rates of the first and the last step.
    steps : int, default 100
        How many rates.

    Returns
    -------
    LearningRateTest
        Rates, losses, and what they suggest.

    Raises
    ------
    ValueError
        Unless ``0 < lowest < highest`` are finite and there are at least 5 steps; or if
        the data have no batch.
    TypeError
        If a batch is no tuple of inputs and targets, or the optimiser is `LBFGS`, which
        looks for the length of its steps itself.

    Notes
    -----
    The smoothed loss is s_t = 0.9 s_(t-1) + 0.1 loss_t, divided by 1 - 0.9^(t+1), since
    s starts from 0.  The test stops when it exceeds four times its lowest value.
    Parameters, gradients, buffers, generators of random numbers in the model, the loss
    and the data, the training mode, the state of the optimiser, and of the data where
    they have a ``state_dict``, are put back, also after an error.

    References
    ----------
    L. N. Smith, "Cyclical learning rates for training neural networks", 2017,
    section 3.3.  There the rate grows linearly; here by a factor, so that a wide range
    fits into few steps.

    Examples
    --------
    >>> import nn, numpy as np
    >>> from nn import optim
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(64, 3))
    >>> Y = X @ np.array([[1.0], [-2.0], [0.5]])
    >>> model = nn.Linear(3, 1, rng=rng)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> test = nn.lr_range_test(
    ...     model, nn.MSELoss(), optimizer, [(X, Y)], lowest=1e-4, highest=100.0
    ... )
    >>> test.diverged
    True
    >>> print(test.suggestion)
    The loss falls fastest near 0.081, is lowest at 4.6 and explodes at 6.1. Begin with
    lr=0.5, a tenth of where it is lowest.
    """
    if not 0 < lowest < highest < math.inf or steps < _FEWEST:
        raise ValueError(
            f"lr_range_test: it needs 0 < lowest < highest and at least {_FEWEST} "
            f"steps, got {lowest}, {highest} and {steps}."
        )
    if isinstance(optimizer, LBFGS):
        raise TypeError(
            "lr_range_test: LBFGS looks for the length of its steps itself; leave its "
            "lr at 1."
        )
    rates = np.geomspace(lowest, highest, steps)
    put_back = _remember(model, loss, optimizer, data)
    try:
        model.train()
        with np.errstate(all="ignore"):  # the highest rates overflow on purpose
            return _climb(rates, _training(model, loss, optimizer, data))
    finally:
        put_back()


def _training(
    model: Module, loss: Callable[[Any, Any], Any], optimizer: Any, data: Iterable[Any]
) -> Callable[[float], float]:
    """Return a function that makes a step at a rate, and returns the loss before."""
    batches = _endless(data)

    def step(rate: float) -> float:
        inputs, targets = split_batch(next(batches))
        value = loss(model(*inputs), targets)
        number = float(value.item())
        if math.isfinite(number):
            optimizer.zero_grad()
            value.backward(keep="leaves")
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        return number

    return step


def _endless(data: Iterable[Any]) -> Iterator[Any]:
    while True:
        empty = True
        for batch in data:
            empty = False
            yield batch
        if empty:
            raise ValueError(
                "lr_range_test: the data have no more batches. Pass a DataLoader or a "
                "list of (inputs, targets), which can be begun again."
            )


def _climb(
    rates: npt.NDArray[np.float64], step: Callable[[float], float]
) -> LearningRateTest:
    """Train at each rate until the loss explodes."""
    losses: list[float] = []
    smoothed: list[float] = []
    average, diverged = 0.0, False
    for i, rate in enumerate(rates.tolist()):
        try:
            value = step(rate)
        except NonFiniteError:  # a gradient; there is no loss to show for it
            diverged = True
            break
        average = _SMOOTHING * average + (1 - _SMOOTHING) * value
        losses.append(value)
        smoothed.append(average / (1 - _SMOOTHING ** (i + 1)))
        if not math.isfinite(value) or smoothed[-1] > _TOO_LARGE * min(smoothed):
            diverged = True
            break
    tried = rates[: len(losses)]
    suggested, words = _suggest(tried, np.array(smoothed), diverged)
    return LearningRateTest(
        tried, np.array(losses), np.array(smoothed), diverged, suggested, words
    )


def _suggest(
    rates: npt.NDArray[np.float64], smoothed: npt.NDArray[np.float64], diverged: bool
) -> tuple[float | None, str]:
    """Return a learning rate to begin with, and the reason in words."""
    usable = np.isfinite(smoothed)
    rates, smoothed = rates[usable], smoothed[usable]
    best = int(np.argmin(smoothed)) if len(smoothed) else 0
    if best == 0:
        return None, (
            "The loss never fell. Try again with a smaller lowest rate or more steps; "
            "if it still does not fall, look for a mistake in the model or the data."
        )
    if best == len(rates) - 1:
        return None, (
            f"The loss is still falling at the highest rate, {rates[-1]:.2g}. Try "
            f"again with a higher one."
        )
    slopes = np.diff(smoothed[: best + 1])  # the rates are evenly spaced as logarithms
    steepest = rates[int(np.argmin(slopes)) + 1]
    suggested = float(f"{rates[best] / 10:.1g}")
    end = f"explodes at {rates[-1]:.2g}" if diverged else "rises above that"
    return suggested, (
        f"The loss falls fastest near {steepest:.2g}, is lowest at {rates[best]:.2g} "
        f"and {end}. Begin with lr={suggested:g}, a tenth of where it is lowest."
    )


# ---- putting everything back -----------------------------------------------------


def _remember(
    model: Module, loss: Any, optimizer: Any, data: Any
) -> Callable[[], None]:
    """Return a function that puts back whatever training changes."""
    modules = [model, loss] if isinstance(loss, Module) else [model]
    undo = [_remember_module(m) for root in modules for m in root.modules()]
    trained = [p for group in optimizer.param_groups for p in group["params"]]
    undo += [
        _remember_parameter(p) for p in dict.fromkeys([*model.parameters(), *trained])
    ]
    undo.append(partial(optimizer.load_state_dict, optimizer.state_dict()))
    if hasattr(data, "load_state_dict"):
        undo.append(partial(data.load_state_dict, data.state_dict()))
    generators = find_generators({"model": model, "loss": loss, "data": data})
    undo.append(partial(set_states, generators, states_of(generators)))

    def put_back() -> None:
        for action in undo:
            action()

    return put_back


def _remember_parameter(parameter: Tensor) -> Callable[[], None]:
    before, copied, gradient = parameter.data, np.array(parameter.data), parameter.grad

    def put_back() -> None:
        parameter.data = _refilled(before, copied)
        parameter.grad = gradient

    return put_back


def _remember_module(module: Module) -> Callable[[], None]:
    buffers = [(name, x, np.array(x)) for name, x, _ in module.own_buffers()]
    training = module.training

    def put_back() -> None:
        for name, before, copied in buffers:
            setattr(module, name, _refilled(before, copied))
        module.training = training

    return put_back


def _refilled(before: Any, copied: npt.NDArray[Any]) -> Any:
    """Return the array that was there, which training may have changed in place."""
    if isinstance(before, np.ndarray) and before.flags.writeable:
        before[...] = copied
        return before
    return copied[()]
