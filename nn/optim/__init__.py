"""Optimisers, and schedules of their learning rate.

An optimiser is a rule, `Optimizer.update`, for one parameter; a schedule is a function,
`LRScheduler.rate`, of the step number.  Names, arguments and defaults are PyTorch's.

Examples
--------
Training with a warm-up; `SequentialLR` shows the learning rates:

>>> import numpy as np
>>> import nn
>>> from nn import optim
>>> rng = np.random.default_rng(0)
>>> X, Y = rng.normal(size=(32, 3)), np.zeros((32, 1))
>>> model = nn.Linear(3, 1, rng=rng)
>>> optimizer = optim.AdamW(model.parameters(), lr=0.1)
>>> warm_up = optim.LinearLR(optimizer, start_factor=0.1, total_iters=10)
>>> fall = optim.CosineAnnealingLR(optimizer, T_max=90)
>>> schedule = optim.SequentialLR(optimizer, [warm_up, fall], milestones=[10])
>>> for _ in range(100):
...     optimizer.zero_grad()
...     loss = nn.MSELoss()(model(X), Y)
...     loss.backward(keep="leaves")
...     optimizer.step()
...     schedule.step()
>>> loss.item() < 1e-3
True
"""

from nn.optim.adam import Adam as Adam
from nn.optim.adam import AdamW as AdamW
from nn.optim.adam_variants import Adamax as Adamax
from nn.optim.adam_variants import NAdam as NAdam
from nn.optim.adam_variants import RAdam as RAdam
from nn.optim.adaptive import Adadelta as Adadelta
from nn.optim.adaptive import Adagrad as Adagrad
from nn.optim.adaptive import RMSprop as RMSprop
from nn.optim.cosine import CosineAnnealingLR as CosineAnnealingLR
from nn.optim.cosine import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from nn.optim.cyclic import CyclicLR as CyclicLR
from nn.optim.decay import ExponentialLR as ExponentialLR
from nn.optim.decay import LambdaLR as LambdaLR
from nn.optim.decay import MultiStepLR as MultiStepLR
from nn.optim.decay import StepLR as StepLR
from nn.optim.lbfgs import LBFGS as LBFGS
from nn.optim.one_cycle import OneCycleLR as OneCycleLR
from nn.optim.optimizer import Optimizer as Optimizer
from nn.optim.plateau import ReduceLROnPlateau as ReduceLROnPlateau
from nn.optim.schedule import LRScheduler as LRScheduler
from nn.optim.sequence import SequentialLR as SequentialLR
from nn.optim.sgd import SGD as SGD
from nn.optim.sgd import Lion as Lion
from nn.optim.warm_up import ConstantLR as ConstantLR
from nn.optim.warm_up import LinearLR as LinearLR
