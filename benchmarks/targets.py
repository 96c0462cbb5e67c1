"""What the project means to reach: ratios of its time to another's, one thread."""

from dataclasses import dataclass

from benchmarks.contestants import FLOOR

# (rows, the other, at most for eager steps, at most for compiled ones)
_RATIOS = [
    (("M1", "M2"), FLOOR.name, 1.08, 1.0),
    (("M1", "M2"), "torch", 0.9, 0.8),
    (("M3",), FLOOR.name, 1.7, 1.1),
    (("M3",), "torch", 0.7, 0.5),
    (("C1",), "torch", 1.25, 1.1),
    (("C2",), "torch", 3.0, 2.0),
    (("R1", "R2"), FLOOR.name, 1.3, 1.1),
    (("R1", "R2"), "torch", 0.9, 0.75),
    (("T1",), FLOOR.name, 1.1, 1.0),
    (("T1",), "torch", 1.0, 0.85),
    (("E1",), FLOOR.name, 1.0, 0.4),
    (("E1",), "torch", 1.2, 0.8),
]
_ROWS = ("M1", "M2", "M3", "C1", "C2", "R1", "R2", "T1", "E1", "E1t")
_SLOWER = ("MyGrad", "HIPS", "tinygrad")  # to be beaten on every row


@dataclass(frozen=True)
class Target:
    """Our time on a row should be at most so many times another's."""

    row: str
    ours: str
    other: str
    at_most: float
    collector: str = "on"

    @property
    def is_speedup(self) -> bool:
        """Whether it is said the other way round: how many times faster."""
        return self.other == "micrograd"

    @property
    def is_to_be_faster(self) -> bool:
        """Whether it is only said that we are to be faster."""
        return self.other in _SLOWER

    @property
    def words(self) -> str:
        """The target as the tables have it."""
        if self.is_speedup:
            return f"{1 / self.at_most:.4g} times faster"
        return f"at most {self.at_most:.2f}"


TARGETS = [
    Target("S1", "eager", "micrograd", 1 / 20),
    Target("S1", "compiled", "micrograd", 1 / 1500),
    Target("S1", "eager", "micrograd", 1 / 2.5, "off"),
    Target("S1", "compiled", "micrograd", 1 / 200, "off"),
    *(
        Target(row, ours, other, at_most)
        for rows, other, eager, compiled in _RATIOS
        for row in rows
        for ours, at_most in (("eager", eager), ("compiled", compiled))
    ),
    *(
        Target(row, ours, other, 1.0)
        for row in _ROWS
        for other in _SLOWER
        for ours in ("eager", "compiled")
    ),
]
