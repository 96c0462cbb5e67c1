"""Hyper-parameters: sweeps over configurations, and a test for the learning rate.

Reading order: `space` (what can be tried), `trial` (one run), `journal` (the file of
results), `workers` (where runs happen), `results` (the table), `search` (`sweep`).
"""

from nn.tuning.learning_rate import LearningRateTest, lr_range_test
from nn.tuning.results import SweepAverage, SweepResults, read_sweep
from nn.tuning.search import sweep
from nn.tuning.space import Distribution, integers, log_uniform, uniform
from nn.tuning.trial import SweepRow

__all__ = [
    "Distribution",
    "LearningRateTest",
    "SweepAverage",
    "SweepResults",
    "SweepRow",
    "integers",
    "log_uniform",
    "lr_range_test",
    "read_sweep",
    "sweep",
    "uniform",
]
