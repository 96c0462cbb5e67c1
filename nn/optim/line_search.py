"""How far to go in one direction: a search for a step of the right length.

Along the line x + t d the cost is a function of t alone. A step is long enough, and not
too long, where the cost has fallen in proportion to it (Armijo's condition) and the
slope has become much flatter (the strong curvature condition):

    cost(t) ≤ cost(0) + c₁ t slope(0)    and    |slope(t)| ≤ c₂ |slope(0)|

References: J. Nocedal and S. Wright, "Numerical optimization", 2nd edition, algorithms
3.5 (bracket) and 3.6 (zoom); M. Schmidt, "minFunc", 2005, for the safeguards.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy.typing as npt

__all__ = ["Point", "strong_wolfe"]

_C1, _C2 = 1e-4, 0.9


class Point(NamedTuple):
    """What is known at one step length."""

    t: float
    loss: float
    slope: float  # of the loss along the line
    gradient: npt.NDArray[Any]


Evaluate = Callable[[float], Point]


def strong_wolfe(
    evaluate: Evaluate, start: Point, t: float, *, shortest: float, budget: int
) -> tuple[Point, int]:
    """Return a point that satisfies both conditions, or the best one that was found.

    Parameters
    ----------
    evaluate : callable
        Returns the point at a step length.  Its loss is infinite where the function is
        not finite.
    start : Point
        The point at t = 0, where the slope is negative.
    t : float
        The first step length to try.
    shortest : float
        An interval of step lengths that is shorter is not divided any more.
    budget : int
        How often to evaluate after the first time.

    Returns
    -------
    Point
        Where to go.
    int
        How often the function was evaluated.
    """
    bracket, used = _bracket(evaluate, start, t, budget)
    if len(bracket) == 1:
        return bracket[0], used + 1
    best, used = _zoom(evaluate, start, bracket, shortest, budget, used)
    return best, used + 1


def _falls(start: Point, point: Point) -> bool:
    """Whether Armijo's condition holds."""
    return point.loss <= start.loss + _C1 * point.t * start.slope


def _is_flat(start: Point, point: Point) -> bool:
    """Whether the strong curvature condition holds."""
    return abs(point.slope) <= -_C2 * start.slope


def _bracket(
    evaluate: Evaluate, start: Point, t: float, budget: int
) -> tuple[list[Point], int]:
    """Go further until a step is right (one point) or must lie between two points."""
    previous, point = start, evaluate(t)
    for used in range(budget):
        if not _falls(start, point) or (used > 1 and point.loss >= previous.loss):
            return [previous, point], used
        if _is_flat(start, point):
            return [point], used
        if point.slope >= 0:
            return [previous, point], used
        nearest = point.t + 0.01 * (point.t - previous.t)
        t = _cubic_minimum(previous, point, nearest, 10 * point.t)
        previous, point = point, evaluate(t)
    return [start, point], budget


def _zoom(
    evaluate: Evaluate,
    start: Point,
    bracket: list[Point],
    shortest: float,
    budget: int,
    used: int,
) -> tuple[Point, int]:
    """Narrow the bracket around a step that is right."""
    low = _lower(bracket)
    stalled = False
    while used < budget:
        left, right = sorted((bracket[0].t, bracket[1].t))
        if right - left < shortest:
            break
        t, stalled = _inside(
            _cubic_minimum(bracket[0], bracket[1], left, right), left, right, stalled
        )
        point = evaluate(t)
        used += 1
        if not _falls(start, point) or point.loss >= bracket[low].loss:
            bracket[1 - low] = point
            low = _lower(bracket)
            continue
        if _is_flat(start, point):
            return point, used
        if point.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = point
    return bracket[low], used


def _lower(bracket: list[Point]) -> int:
    return 0 if bracket[0].loss <= bracket[1].loss else 1


def _inside(t: float, left: float, right: float, stalled: bool) -> tuple[float, bool]:
    """Keep a trial step away from the ends, where it would hardly narrow the bracket.

    Returns the step, and whether it was so near an end that the next may not be.
    """
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if not stalled and left < t < right:
        return t, True
    return (right - margin if right - t < t - left else left + margin), False


def _cubic_minimum(a: Point, b: Point, left: float, right: float) -> float:
    """Return where the cubic through two points with their slopes is smallest.

    The formula is (3.59) of Nocedal and Wright; without a minimum, or where a value is
    not finite, it is the middle of the interval.
    """
    if a.t > b.t:
        a, b = b, a
    middle = (left + right) / 2
    if a.t == b.t or not math.isfinite(a.loss + b.loss + a.slope + b.slope):
        return middle
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not 0 <= square < math.inf:
        return middle
    d2 = math.sqrt(square)
    divisor = b.slope - a.slope + 2 * d2
    if divisor == 0:
        return middle
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / divisor)
    return min(max(t, left), right)
