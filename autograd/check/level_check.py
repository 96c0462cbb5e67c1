"""The checks of one level: everything that `gradcheck` demands of a gradient."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from autograd.check.differences import Slope, measure_slope
from autograd.check.flat import flatten, locate, unflatten
from autograd.check.pullback import Level, PullBack
from autograd.errors import GradcheckError

__all__ = ["LevelCheck", "same_bits"]

FULL_JACOBIAN = 2000  # entries; above that, random directions
DIRECTIONS = 8
_SLACK = 10  # times the tolerance: no inaccuracy of the differences excuses more

Array = Any  # float64: an ndarray, or a NumPy scalar for a 0-d value


class LevelCheck:
    """The checks of one level after the other, and the words for what fails."""

    def __init__(
        self, function: str, names: list[str], seed: int, rtol: float, atol: float
    ) -> None:
        self.function = function
        self.order = 0
        self.inputs = names
        self.results: list[str] = []
        self.seed = seed
        self.generator = np.random.default_rng(seed)
        self.rtol = rtol
        self.atol = atol

    def run(self, level: Level, points: list[Array]) -> list[Array]:
        """Check one level, and return the point at which to check the next one."""
        self._next_order()
        values = level.values(points)
        for name, value in zip(self.results, values, strict=True):
            self.require(np.all(np.isfinite(value)), f"{name} is {_preview(value)}")
        cotangents = self._random_like(values)
        product = self._pull_back(level, points, cotangents)
        self._check_manners(product, level, points, values, cotangents)
        self._check_linear(product, level, points, cotangents)
        if sum(map(np.size, values)) * sum(map(np.size, points)) <= FULL_JACOBIAN:
            self._check_jacobian(level, points, values)
        else:
            self._check_directions(level, points, values)
        return [*points, *cotangents]

    def _next_order(self) -> None:
        self.order += 1
        if self.order == 1:
            self.results = ["result"]
            return
        gradients = [f"gradient of {name}" for name in self.inputs]
        self.inputs = [*self.inputs, *(f"cotangent of {name}" for name in self.results)]
        self.results = gradients

    def fail(self, problem: str, cause: Exception | None = None) -> NoReturn:
        """Raise with what was checked, what is wrong and how to see it again."""
        raise GradcheckError(
            f"gradcheck of {self.function}, order {self.order}: {problem}. "
            f"Repeat with rng={self.seed}."
        ) from cause

    def require(self, condition: Any, problem: str) -> None:
        """Raise unless a condition holds."""
        if not condition:
            self.fail(problem)

    def _random_like(self, values: Sequence[Array]) -> list[Array]:
        return [np.asarray(self.generator.normal(size=np.shape(v)))[()] for v in values]

    def _pull_back(
        self, level: Level, points: Sequence[Array], cotangents: Sequence[Array]
    ) -> PullBack:
        try:
            return PullBack(level, points, cotangents)
        except Exception as error:
            self.fail(f"a rule failed: {type(error).__name__}: {error}", error)

    def _check_manners(
        self,
        product: PullBack,
        level: Level,
        points: Sequence[Array],
        values: Sequence[Array],
        cotangents: Sequence[Array],
    ) -> None:
        """Check all that can be seen without knowing the right derivative."""
        again = self._pull_back(level, points, cotangents)
        for k, (name, point) in enumerate(zip(self.inputs, points, strict=True)):
            gradient = product.gradients[k]
            self.require(
                np.shape(gradient) == np.shape(point) and gradient.dtype == point.dtype,
                f"the gradient of {name} is {_kind(gradient)}, the input is "
                f"{_kind(point)}",
            )
            self.require(
                np.all(np.isfinite(gradient)),
                f"the gradient of {name} is {_preview(gradient)}",
            )
            self.require(
                same_bits(gradient, again.gradients[k]),
                f"the gradient of {name} was {_preview(gradient)} the first time and "
                f"{_preview(again.gradients[k])} the second time",
            )
            self.require(
                same_bits(product.leaves[k].data, point), f"{name} was changed in place"
            )
        for k, (name, value) in enumerate(zip(self.results, values, strict=True)):
            self.require(
                np.allclose(product.results[k].data, value, rtol=1e-12, atol=1e-12),
                f"{name} is {_preview(value)}, and {_preview(product.results[k].data)} "
                f"after a sweep or when it is itself recorded",
            )
            self.require(
                same_bits(product.cotangents[k], cotangents[k]),
                f"the cotangent of {name} was changed in place",
            )
        self._check_memory(product)

    def _check_memory(self, product: PullBack) -> None:
        """Check that changing a gradient in place would change nothing else."""
        names = [
            *(f"the gradient of {name}" for name in self.inputs),
            *self.inputs,
            *(f"the cotangent of {name}" for name in self.results),
            *self.results,
        ]
        arrays = [
            *product.gradients,
            *(leaf.data for leaf in product.leaves),
            *product.cotangents,
            *(result.data for result in product.results),
        ]
        for k, gradient in enumerate(product.gradients):
            for name, array in zip(names[k + 1 :], arrays[k + 1 :], strict=True):
                self.require(
                    not np.shares_memory(gradient, array),
                    f"{names[k]} shares memory with {name}",
                )

    def _check_linear(
        self,
        product: PullBack,
        level: Level,
        points: Sequence[Array],
        cotangents: Sequence[Array],
    ) -> None:
        """Check that u + 2v gives the sum of what u and v give, and that 0 gives 0."""
        others = self._random_like(cotangents)
        sums = [u + 2 * v for u, v in zip(cotangents, others, strict=True)]
        zeros = [np.zeros_like(u)[()] for u in cotangents]
        first = [np.copy(gradient) for gradient in product.gradients]
        second = self._pull_back(level, points, others).gradients
        for name, old, now in zip(self.inputs, first, product.gradients, strict=True):
            self.require(
                same_bits(old, now),
                f"the gradient of {name} was changed by the next sweep: a rule keeps "
                f"the array that it returned",
            )
        both = self._pull_back(level, points, sums).gradients
        nothing = self._pull_back(level, points, zeros).gradients
        for k, name in enumerate(self.inputs):
            expected = product.gradients[k] + 2 * second[k]
            scale = np.max(np.abs([product.gradients[k], second[k]]), initial=1e-3)
            self.require(
                np.all(np.abs(both[k] - expected) <= 1e-10 * scale),
                f"the gradient of {name} is not linear in the cotangent: u gives "
                f"{_preview(product.gradients[k])}, v gives {_preview(second[k])}, "
                f"u + 2v gives {_preview(both[k])}",
            )
            self.require(
                not np.any(nothing[k]),
                f"the gradient of {name} for a zero cotangent is "
                f"{_preview(nothing[k])}",
            )

    def _check_jacobian(
        self, level: Level, points: Sequence[Array], values: Sequence[Array]
    ) -> None:
        """Compare every entry: rows come from the rules, columns from differences."""
        flat, heights = flatten(points), flatten(values).size
        if not flat.size or not heights:
            return
        rows = [
            flatten(self._pull_back(level, points, unflatten(u, values)).gradients)
            for u in np.eye(heights)
        ]
        lengths = np.maximum(1.0, np.abs(flat))
        columns = [
            _slope_along(level, points, length * e)
            for length, e in zip(lengths, np.eye(flat.size), strict=True)
        ]
        found = Slope(
            np.stack([slope.value for slope in columns], axis=1) / lengths,
            np.stack([slope.error for slope in columns], axis=1) / lengths,
            np.stack([slope.kink for slope in columns], axis=1),
        )

        def entry(index: tuple[int, ...]) -> str:
            of = locate(index[0], self.results, values)
            by = locate(index[1], self.inputs, points)
            return f"d {of} / d {by}"

        largest = np.max(
            np.abs(found.value), initial=0.0, where=np.isfinite(found.value)
        )
        self._compare(np.stack(rows), found, largest, entry)

    def _check_directions(
        self, level: Level, points: Sequence[Array], values: Sequence[Array]
    ) -> None:
        """Compare the number u^T J d along random directions d, with random u."""
        lengths = np.maximum(1.0, np.abs(flatten(points)))
        for _ in range(DIRECTIONS):
            direction = lengths * self.generator.normal(size=lengths.size)
            cotangents = self._random_like(values)
            product = self._pull_back(level, points, cotangents)
            by_rule = np.dot(flatten(product.gradients), direction)
            slope = _slope_along(level, points, direction)
            u = flatten(cotangents)
            found = Slope(
                np.array([np.dot(u, slope.value)]),
                np.array([np.dot(np.abs(u), slope.error)]),
                np.array([np.any(slope.kink)]),
            )
            self._compare(
                np.array([by_rule]),
                found,
                float(np.dot(np.abs(u), np.abs(slope.value))),
                lambda index: "the slope along a direction",
            )

    def _compare(
        self,
        by_rule: npt.NDArray[np.float64],
        found: Slope,
        size: float,
        entry: Callable[[tuple[int, ...]], str],
    ) -> None:
        """Raise if the rules and the differences disagree; say in what way.

        Differences are measured against single entries, and against the size of the
        largest, or of the terms that a slope along a direction adds up.  A disagreement
        within the estimated error of the differences is none, as long as that error is
        small itself.
        """
        gap = np.abs(by_rule - found.value)
        allowed = self.atol * max(1.0, size) + self.rtol * np.abs(found.value)
        allowed = np.maximum(allowed, np.minimum(found.error, _SLACK * allowed))
        excess = gap - allowed
        wrong = ~(excess <= 0)  # a NaN is never right
        if not np.any(wrong):
            return
        blamed = wrong & ~found.kink & (found.error < gap)
        candidates = np.where(blamed if np.any(blamed) else wrong, excess, -np.inf)
        worst = np.unravel_index(np.argmax(candidates), wrong.shape)
        index = tuple(int(k) for k in worst)
        rule, measured, error = by_rule[index], found.value[index], found.error[index]
        numbers = (
            f"{entry(index)} is {rule:.10g} by the rule and {measured:.10g} by "
            f"differences (accurate to {error:.0e})"
        )
        if not np.isfinite(measured):
            self.fail(f"the function is not finite close to this point: {numbers}")
        if found.kink[index]:
            self.fail(
                f"kink: the slope changes abruptly at or beside this point, so there "
                f"is no derivative to compare with: {numbers}. Move the input away"
            )
        if not blamed[index]:
            self.fail(
                f"cannot decide: differences are too inaccurate here: {numbers}. Scale "
                f"inputs and results to the order of one"
            )
        ratio = f", a ratio of {rule / measured:.10g}" if measured else ""
        count = f"{np.count_nonzero(wrong)} of {wrong.size} entries differ"
        self.fail(f"wrong: {numbers}{ratio}; {count}")


def _slope_along(level: Level, points: Sequence[Array], direction: Array) -> Slope:
    """Measure how all results change when the inputs move along a direction."""
    start = flatten(points)
    return measure_slope(
        lambda t: flatten(level.values(unflatten(start + t * direction, points)))
    )


def same_bits(a: Array, b: Array) -> bool:
    """Return whether two arrays are equal in shape, dtype and every bit."""
    a, b = np.asarray(a), np.asarray(b)
    return (
        bool(a.dtype == b.dtype) and a.shape == b.shape and a.tobytes() == b.tobytes()
    )


def _kind(value: Any) -> str:
    return f"{np.shape(value)} {value.dtype}"


def _preview(value: Array) -> str:
    text = np.array2string(np.asarray(value), separator=", ", threshold=6, precision=6)
    return " ".join(text.split())
