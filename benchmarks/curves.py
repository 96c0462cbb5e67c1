"""How the time of a step grows: with the nodes of a graph, the batch, width, depth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.contestants import Contestant
from benchmarks.figures import exponent, spread
from benchmarks.race import Rules, race

RULES = Rules(rounds=5, turn=0.02, limit=6.0)
ARRAYS = ("by hand", "eager", "compiled", "torch")


@dataclass(frozen=True)
class Curve:
    """A row at growing sizes.

    Attributes
    ----------
    what : str
        What grows.
    row : str
        The row, with a place for the size.
    sizes : tuple of int
        The sizes, each a multiple of the one before.
    names : tuple of str
        Who takes part.
    collectors : tuple of {"on", "off"}
        With and without Python's garbage collector.
    ends : dict of str to (int, str)
        The last size of a contestant that stops before the end, and why it does.
    """

    what: str
    row: str
    sizes: tuple[int, ...]
    names: tuple[str, ...] = ARRAYS
    collectors: tuple[str, ...] = ("on",)
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)

    def contestants(
        self, everyone: Sequence[Contestant], size: int
    ) -> list[Contestant]:
        """Return who runs at a size."""
        return [
            c
            for c in everyone
            if c.name in self.names and size <= self.ends.get(c.name, (size, ""))[0]
        ]


CURVES = {
    "nodes": Curve(
        "scalar nodes",
        "S2:nodes={}",
        (10**3, 10**4, 10**5, 10**6),
        ("by hand", "eager", "compiled", "micrograd"),
        ("on", "off"),
        {
            "compiled": (10**4, "recording a longer chain takes minutes"),
            "micrograd": (10**5, "ten times as many nodes and frames fill a gigabyte"),
        },
    ),
    "batch": Curve("batch of M1", "M1:batch={}", (1, 4, 16, 64, 256, 1024, 4096)),
    "width": Curve(
        "width of M1", "M1:width={}", (16, 32, 64, 128, 256, 512, 1024, 2048)
    ),
    "depth": Curve("depth of M1", "M1:depth={}", (1, 4, 16, 64, 256)),
}


def measure(
    curve: Curve,
    contestants: Sequence[Contestant],
    say: Callable[[str], None],
    rules: Rules = RULES,
) -> list[dict[str, Any]]:
    """Race at every size; return the times, for each setting of the collector.

    ``seconds`` of a result holds, for each contestant, the median time of a step at
    each size, None where it did not run; ``notes`` say why.
    """
    results: list[dict[str, Any]] = [
        {
            "what": curve.what,
            "collector": collector,
            "sizes": list(curve.sizes),
            "seconds": {c.name: [] for c in contestants if c.name in curve.names},
            "notes": [f"{n} ends at {e[0]:,}: {e[1]}" for n, e in curve.ends.items()],
        }
        for collector in curve.collectors
    ]
    for size in curve.sizes:
        say(f"{curve.what}: {size:,}")
        present = curve.contestants(contestants, size)
        raced = race(curve.row.format(size), present, rules, 1, curve.collectors)
        for result, at_size in zip(results, raced, strict=True):
            for name, times in result["seconds"].items():
                entry = at_size["contestants"].get(name, {})
                taken = [s for s in entry.get("seconds", []) if s is not None]
                times.append(spread(taken).median if taken else None)
                if "error" in entry:
                    result["notes"].append(f"{name} at {size:,}: {entry['error']}")
    return results


def exponents(
    sizes: Sequence[int], times: Sequence[float | None]
) -> tuple[float | None, float | None]:
    """Return the exponent over all sizes, and over the upper half of them.

    None where fewer than two points were measured.

    Examples
    --------
    >>> all_sizes, upper = exponents([1, 10, 100, 1000], [1.0, 1.0, 10.0, 100.0])
    >>> round(all_sizes, 2), round(upper, 2)
    (0.7, 1.0)
    """
    half = len(sizes) // 2
    found = []
    for start in (0, half):
        points = [
            (size, time)
            for size, time in zip(sizes[start:], times[start:], strict=True)
            if time is not None
        ]
        found.append(exponent(*zip(*points, strict=True)) if len(points) > 1 else None)
    return found[0], found[1]
