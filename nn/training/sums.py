"""What has been added up in the running epoch."""

import math
from dataclasses import dataclass

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

    Raises
    ------
    ValueError
        If some of the counts are 0 and others are not.
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

    def __post_init__(self) -> None:
        counts = (self.samples, self.steps, self.measured)
        if any(count < 0 for count in counts) or any(counts) != all(counts):
            raise ValueError(
                f"sums of an epoch: samples, steps and measured are {counts}"
            )

    def row(self, with_penalty: bool) -> dict[str, float]:
        """Return the means as a row of the history, in its order of columns."""
        if not self.steps:
            raise ValueError("fit: the training data gave no batch.")
        row = {"loss": self.loss / self.weight}
        if with_penalty:
            row["penalty"] = self.penalty / self.samples
        return row | {
            "lr": self.lr,
            "grad_norm": self.grad_norm / self.measured,
            "update_norm": self.update_norm / self.measured,
        }
