"""`lint`: all checks, one after the other."""

from collections.abc import Callable, Iterator
from typing import Any

from autograd import Tensor
from viz.graph import check_root
from viz.lint.activations import missing_activation
from viz.lint.findings import Finding, Findings
from viz.lint.finite import infinite_slope, non_finite
from viz.lint.graph import Graph
from viz.lint.growth import exploding_values
from viz.lint.losses import (
    bounded_logits,
    log_of_softmax,
    probabilities_in_kl,
    relu_before_loss,
    sigmoid_before_bce_with_logits,
    sigmoid_twice,
    single_class,
    softmax_before_cross_entropy,
    softmax_twice,
)
from viz.lint.modes import evaluation_mode_in_training, training_mode_in_evaluation
from viz.lint.parameters import no_slope, unused_parameters
from viz.lint.shapes import broadcast, loss_not_scalar, norm_of_one
from viz.lint.steps import growing_graph
from viz.lint.symmetry import symmetric_units
from viz.lint.targets import (
    compared_with_itself,
    softmax_axis,
    targets_outside_0_1,
    unreachable_target,
)
from viz.lint.units import dead_relu, saturated

__all__ = ["CHECKS", "lint"]

Check = Callable[[Graph], Iterator[Finding]]

# In this order findings are reported: what spoils everything else comes first.
CHECKS: tuple[Check, ...] = (
    exploding_values,
    non_finite,
    infinite_slope,
    loss_not_scalar,
    broadcast,
    norm_of_one,
    softmax_before_cross_entropy,
    softmax_twice,
    softmax_axis,
    log_of_softmax,
    single_class,
    sigmoid_before_bce_with_logits,
    sigmoid_twice,
    bounded_logits,
    relu_before_loss,
    probabilities_in_kl,
    targets_outside_0_1,
    unreachable_target,
    compared_with_itself,
    unused_parameters,
    no_slope,
    symmetric_units,
    missing_activation,
    dead_relu,
    saturated,
    growing_graph,
    training_mode_in_evaluation,
    evaluation_mode_in_training,
)

# What follows from another mistake is not reported beside it.
_EXPLAINED_BY = {
    "non-finite": {"exploding-values"},
    "dead-relu": {"exploding-values"},
    "saturated": {"exploding-values"},
}


def lint(loss: Tensor, model: Any = None) -> Findings:
    """Look for silent mistakes: code that runs, trains, and is wrong.

    Only what the graph shows with certainty is reported.  An empty result does not say
    that everything is right.

    Parameters
    ----------
    loss : Tensor
        A recorded loss.  With a model it may be one that was computed under
        `autograd.no_grad`, for an evaluation: then the mode of the layers is checked.
    model : nn.Module, optional
        Its parameters should have a path to the loss, and its layers the right mode.
        Any object with ``named_parameters()``, ``named_modules()`` and modules with a
        ``training`` flag will do.

    Returns
    -------
    Findings
        A sequence of `Finding`, empty if nothing was found; ``print`` it.

    Raises
    ------
    TypeError
        If ``loss`` is no recorded tensor, and there is no model either.

    Notes
    -----
    Kinds of findings, by what they are about:

    - the loss: ``softmax-before-cross-entropy``, ``softmax-twice``, ``softmax-axis``,
      ``log-of-softmax``, ``single-class``, ``sigmoid-before-bce-with-logits``,
      ``sigmoid-twice``, ``bounded-logits``, ``relu-before-loss``,
      ``probabilities-in-kl``, ``targets-outside-0-1``, ``unreachable-target``,
      ``compared-with-itself``;
    - shapes: ``broadcast``, ``loss-not-scalar``, ``norm-of-one``;
    - parameters: ``unused-parameters``, ``no-slope``, ``symmetric-units``;
    - layers: ``missing-activation``, ``dead-relu``, ``saturated``,
      ``exploding-values``;
    - numbers: ``non-finite``, ``infinite-slope``;
    - training: ``growing-graph``, ``training-mode-in-evaluation``,
      ``evaluation-mode-in-training``.

    Examples
    --------
    >>> import numpy as np
    >>> import viz
    >>> from autograd import Tensor, cross_entropy, softmax
    >>> W = Tensor([[1.0, -1.0], [0.5, 2.0]], name="W")
    >>> p = softmax(np.array([[1.0, 2.0], [3.0, 4.0]]) @ W, axis=1)
    >>> found = viz.lint(cross_entropy(p, [0, 1]))
    >>> found.kinds
    ('softmax-before-cross-entropy',)
    >>> print(found[0].fix)  # doctest: +ELLIPSIS
    Give it the logits, the result of matmul (2, 2), and leave the softmax out; ...
    """
    if not isinstance(loss, Tensor) or model is None:
        check_root(loss, "lint")
    graph = Graph(loss, model)
    found = [item for check in CHECKS for item in check(graph)]
    kinds = {item.kind for item in found}
    return Findings([x for x in found if not kinds & _EXPLAINED_BY.get(x.kind, set())])
