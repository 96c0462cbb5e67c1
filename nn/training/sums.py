"""What has been added up in the running epoch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["EpochSums"]


@dataclass
class EpochSums:
    """Sums over the samples and the steps of an epoch so far.

    Attributes
    ----------
    loss, weight : float
        What `loss_sum` says; the quotient is the mean.
    penalty : float
        Over samples.
    grad_norm, update_norm : float
        Over the steps in which they were measured.
    samples, steps, measured : int
        How many; ``measured`` counts the steps in which the norms were.
    lr : float
        The learning rate of the last step.
    seconds : float
        Since the epoch began.
    metrics : dict of str to list of float
        Of each metric the sum over the samples of the batches in which it had a value,
        and how many samples these were.

    Raises
    ------
    ValueError
        If some of the counts are 0 and others are not, or a metric is not two numbers.
    """

    loss: float = 0.0
    weight: float = 0.0
    penalty: float = 0.0
    grad_norm: float = 0.0
    update_norm: float = 0.0
    samples: int = 0
    steps: int = 0
    measured: int = 0
    lr: float = math.nan
    seconds: float = 0.0
    metrics: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = (self.samples, self.steps, self.measured)
        if any(count < 0 for count in counts) or any(counts) != all(counts):
            raise ValueError(
                f"sums of an epoch: samples, steps and measured are {counts}"
            )
        for name, sums in self.metrics.items():
            if len(sums) != 2:
                raise ValueError(f"sums of an epoch: those of {name!r} are {sums}")

    def add_metrics(self, values: Mapping[str, float], rows: int) -> None:
        """Add the metrics of a batch of so many samples; NaN does not count."""
        for name, value in values.items():
            sums = self.metrics.setdefault(name, [0.0, 0.0])
            if not math.isnan(value):
                sums[0] += value * rows
                sums[1] += rows

    def row(self, with_penalty: bool) -> dict[str, float]:
        """Return the means as a row of the history, in its order of columns."""
        if not self.steps:
            raise ValueError("fit: the training data gave no batch.")
        row = {"loss": self.loss / self.weight}
        if with_penalty:
            row["penalty"] = self.penalty / self.samples
        for name, (total, rows) in self.metrics.items():
            row[name] = total / rows if rows else math.nan
        return row | {
            "lr": self.lr,
            "grad_norm": self.grad_norm / self.measured,
            "update_norm": self.update_norm / self.measured,
        }
