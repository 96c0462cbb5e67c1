"""Whether the gradient reaches every layer, in words."""

import math
from collections.abc import Mapping, Sequence

from viz.numbers import number
from viz.training.statistics import ActivationStatistics

__all__ = ["activation_verdict", "gradient_verdicts", "verdicts"]

# A gradient that is a thousand times smaller, or larger, than that of the last layer.
_FACTOR = 1e3
_LARGE_UPDATE = 0.1  # of the weights, in one step; healthy is about 10⁻³
_DEAD = 0.1  # of the units
_SATURATED = 0.25  # of the values

HEALTHY = "healthy"


def gradient_verdicts(gradients: Mapping[str, float]) -> dict[str, str]:
    """Return for each layer how its gradient compares with the last one's.

    Parameters
    ----------
    gradients : mapping
        Layer -> norm of its gradient, first layer first.

    Returns
    -------
    dict
        Layer -> verdict.  Vanishing: less than 1/1000 of the last layer's; exploding:
        more than 1000 times as much.

    Examples
    --------
    >>> gradient_verdicts({"fc1": 1e-9, "fc2": 1e-3, "fc3": 0.1})
    {'fc1': 'vanishing: 1×10⁻⁸ of the last', 'fc2': 'healthy', 'fc3': 'healthy'}
    """
    last = next((g for g in reversed(list(gradients.values())) if _is_positive(g)), 1.0)
    return {name: _gradient_verdict(g, last) for name, g in gradients.items()}


def _gradient_verdict(gradient: float, last: float) -> str:
    if not math.isfinite(gradient):
        return "gradient not finite"
    if gradient == 0:
        return "no gradient at all"
    ratio = gradient / last
    if ratio < 1 / _FACTOR:
        return f"vanishing: {number(ratio)} of the last"
    if ratio > _FACTOR:
        return f"exploding: {number(ratio)} times the last"
    return HEALTHY


def activation_verdict(found: ActivationStatistics) -> str:
    """Return what is wrong with an activation, or ``healthy``."""
    if found.dead is not None and found.dead >= _DEAD:
        return found.notes
    if found.saturated is not None and found.saturated >= _SATURATED:
        return found.notes
    return HEALTHY


def verdicts(
    gradients: Mapping[str, float],
    updates: Mapping[str, float],
    activations: Sequence[ActivationStatistics],
) -> dict[str, str]:
    """Return a verdict in words for each layer and each activation.

    Parameters
    ----------
    gradients : mapping
        Layer -> norm of the gradient.
    updates : mapping
        Layer -> size of the update over size of the weights.
    activations : sequence of ActivationStatistics
        Of the same step.
    """
    found = gradient_verdicts(gradients)
    for name, ratio in updates.items():
        if ratio > _LARGE_UPDATE and found.get(name) == HEALTHY:
            found[name] = f"updates too large: {number(ratio)} of the weights"
    return found | {a.name: activation_verdict(a) for a in activations}


def summary(found: Mapping[str, str]) -> str:
    """Return all verdicts in one sentence.

    Examples
    --------
    >>> summary({"fc1": "healthy", "fc2": "healthy"})
    'all healthy'
    >>> summary({"fc1": "no gradient at all", "fc2": "healthy"})
    'fc1: no gradient at all'
    """
    wrong = [f"{name}: {text}" for name, text in found.items() if text != HEALTHY]
    return "; ".join(wrong) or "all healthy"


def _is_positive(x: float) -> bool:
    return math.isfinite(x) and x > 0
