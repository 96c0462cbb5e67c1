"""What a sweep may try: a space of configurations, listed or drawn.

A space is a dict.  Its values say what each hyper-parameter can be:

    {"lr": nn.log_uniform(1e-4, 1e-1), "batch": [16, 32, 64], "epochs": 20}

A list, tuple, range or array of one axis holds choices, `uniform` and its like are
distributions, and anything else is the same in every configuration.
"""

import itertools
import json
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Distribution", "integers", "log_uniform", "uniform"]

Configuration = dict[str, Any]


@dataclass(frozen=True)
class Distribution(ABC):
    """Numbers between two bounds, to be drawn by a random search."""

    low: float
    high: float

    @property
    def size(self) -> float:
        """How many values there are."""
        return math.inf

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Any:
        """Return one value as a Python number."""

    def describe(self) -> dict[str, Any]:
        """Return name and bounds as plain data."""
        return {type(self).__name__: [self.low, self.high]}


class Uniform(Distribution):
    """See `uniform`."""

    def draw(self, rng: np.random.Generator) -> float:
        """Return one float."""
        return float(rng.uniform(self.low, self.high))


class LogUniform(Distribution):
    """See `log_uniform`."""

    def draw(self, rng: np.random.Generator) -> float:
        """Return one float."""
        drawn = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        return min(max(drawn, self.low), self.high)  # the exponential rounds


@dataclass(frozen=True)
class Integers(Distribution):
    """See `integers`."""

    low: int
    high: int

    @property
    def size(self) -> float:
        """How many values there are."""
        return float(self.high - self.low)

    def draw(self, rng: np.random.Generator) -> int:
        """Return one int."""
        return int(rng.integers(self.low, self.high))


def uniform(low: float, high: float) -> Distribution:
    """Let a hyper-parameter be any number between two bounds, all equally likely.

    Parameters
    ----------
    low, high : float
        The bounds.

    Raises
    ------
    ValueError
        Unless both are finite and ``low < high``.

    Examples
    --------
    >>> import nn, numpy as np
    >>> dropout = nn.uniform(0.0, 0.5)
    >>> round(dropout.draw(np.random.default_rng(0)), 3)
    0.318
    """
    _require_bounds("uniform", low, high)
    return Uniform(float(low), float(high))


def log_uniform(low: float, high: float) -> Distribution:
    """Let a hyper-parameter be any number between two bounds, on a logarithmic scale.

    Every factor of ten is equally likely, as suits a learning rate: one draw in two
    from 10^-4 to 1 lies below 10^-2.

    Parameters
    ----------
    low, high : float
        The bounds, both positive.

    Raises
    ------
    ValueError
        Unless both are finite and ``0 < low < high``.

    References
    ----------
    J. Bergstra and Y. Bengio, "Random search for hyper-parameter optimization", 2012.

    Examples
    --------
    >>> import nn, numpy as np
    >>> lr = nn.log_uniform(1e-4, 1.0)
    >>> round(lr.draw(np.random.default_rng(0)), 4)
    0.0353
    """
    _require_bounds("log_uniform", low, high)
    if low <= 0:
        raise ValueError(f"log_uniform: low must be positive, got {low}.")
    return LogUniform(float(low), float(high))


def integers(low: int, high: int) -> Distribution:
    """Let a hyper-parameter be any integer from ``low`` to ``high - 1``.

    The bounds are those of NumPy's ``rng.integers`` and Python's ``range``, which
    serves as well: ``range(1, 5)`` is a list of choices, also for a grid.

    Parameters
    ----------
    low, high : int
        The smallest integer, and the first one that is too large.

    Raises
    ------
    TypeError
        If a bound is not an integer.
    ValueError
        Unless ``low < high``.

    Examples
    --------
    >>> import nn, numpy as np
    >>> depth = nn.integers(1, 5)
    >>> rng = np.random.default_rng(0)
    >>> [depth.draw(rng) for _ in range(6)]
    [4, 3, 3, 2, 2, 1]
    """
    low, high = operator.index(low), operator.index(high)
    _require_bounds("integers", low, high)
    return Integers(low, high)


def _require_bounds(name: str, low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            f"{name}: the bounds must be finite and low below high, got {low} and "
            f"{high}."
        )


class Space:
    """A space that was checked: distributions, or tuples of choices, by name."""

    def __init__(self, space: Mapping[str, Any]) -> None:
        if not isinstance(space, Mapping) or not all(isinstance(k, str) for k in space):
            raise TypeError(
                f"sweep: the space must be a dict from names to choices, such as "
                f'{{"lr": [0.1, 0.01]}}, got {space!r}.'
            )
        self._values = {name: _choices(name, space[name]) for name in space}

    @property
    def size(self) -> float:
        """How many configurations there are; infinite where a float is drawn."""
        return math.prod(
            value.size if isinstance(value, Distribution) else len(value)
            for value in self._values.values()
        )

    def describe(self) -> dict[str, Any]:
        """Return the space as plain data."""
        return {
            name: value.describe() if isinstance(value, Distribution) else value
            for name, value in self._values.items()
        }

    def grid(self) -> list[Configuration]:
        """Return every combination; the last name varies fastest."""
        choices: list[tuple[Any, ...]] = []
        for name, value in self._values.items():
            if isinstance(value, Distribution):
                raise ValueError(
                    f"sweep: a grid needs the values of {name!r} as a list, such as "
                    f"np.geomspace(1e-4, 1e-1, 4), not a distribution. Or pass "
                    f'strategy="random", n=20.'
                )
            choices.append(value)
        return [
            dict(zip(self._values, values, strict=True))
            for values in itertools.product(*choices)
        ]

    def draw(self, n: int, rng: np.random.Generator) -> list[Configuration]:
        """Return n different configurations; a larger n only adds to the list."""
        if n > self.size:
            raise ValueError(
                f"sweep: n={n} configurations were asked for, the space has only "
                f'{self.size:g}. Pass a smaller n, or strategy="grid" for all of them.'
            )
        drawn: dict[str, Configuration] = {}
        while len(drawn) < n:
            config = {k: _draw(value, rng) for k, value in self._values.items()}
            drawn.setdefault(text_of(config), config)
        return list(drawn.values())


def text_of(value: Any) -> str:
    """Return plain data as one line of text, the same for equal data."""
    return json.dumps(value, sort_keys=True, allow_nan=False)


def plain(name: str, value: Any) -> Any:
    """Return a value of a configuration as it can be written and read back exactly.

    NumPy scalars become Python numbers, lists become tuples.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return tuple(plain(name, item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"sweep: {name!r} can be {value}; values must be finite.")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"sweep: {name!r} can be a {type(value).__name__}; it must be a number, a "
        f"string, a bool, None, or a tuple of them, to be written to a file. Let the "
        f"training function look up anything else by its name."
    )


def _choices(name: str, value: Any) -> Distribution | tuple[Any, ...]:
    """Return a distribution, or the different values of one hyper-parameter."""
    if isinstance(value, Distribution):
        return value
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str):
        value = [value]
    choices = tuple(plain(name, item) for item in value)
    texts = [text_of(choice) for choice in choices]
    if not choices:
        raise ValueError(f"sweep: {name!r} has no values to choose from.")
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise ValueError(f"sweep: {name!r} has the value {twice} more than once.")
    return choices


def _draw(value: Distribution | tuple[Any, ...], rng: np.random.Generator) -> Any:
    if isinstance(value, Distribution):
        return value.draw(rng)
    return value[int(rng.integers(len(value)))]
