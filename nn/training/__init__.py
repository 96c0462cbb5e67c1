"""Training: the loop over epochs and batches, its history, callbacks, exact resume."""

from nn.training.callbacks import *  # noqa: F403
from nn.training.history import *  # noqa: F403
from nn.training.run_folder import *  # noqa: F403
from nn.training.trainer import *  # noqa: F403
