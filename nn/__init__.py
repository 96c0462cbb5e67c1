"""Neural networks: modules, layers, losses, optimisers and training.

Everything here is composition of the operations in `autograd`; no derivative rule lives
in this package.
"""

from nn import data as data
from nn import functional as functional
from nn import init as init
from nn import metrics as metrics
from nn import optim as optim
from nn import saving as saving
from nn.activation import *  # noqa: F403
from nn.attention import *  # noqa: F403
from nn.cells import *  # noqa: F403
from nn.containers import *  # noqa: F403
from nn.conv import *  # noqa: F403
from nn.data import *  # noqa: F403
from nn.dropout import *  # noqa: F403
from nn.early_stopping import *  # noqa: F403
from nn.embedding import *  # noqa: F403
from nn.flatten import *  # noqa: F403
from nn.linear import *  # noqa: F403
from nn.losses import *  # noqa: F403
from nn.module import Module as Module
from nn.normalization import *  # noqa: F403
from nn.padding import *  # noqa: F403
from nn.parameter import Parameter as Parameter
from nn.pooling import *  # noqa: F403
from nn.positional import *  # noqa: F403
from nn.recurrent import *  # noqa: F403
from nn.regularizers import *  # noqa: F403
from nn.saving import load as load
from nn.saving import load_weights as load_weights
from nn.saving import save as save
from nn.saving import save_weights as save_weights
from nn.summary import Summary as Summary
from nn.summary import summary as summary
from nn.training import *  # noqa: F403
from nn.transformer import *  # noqa: F403
from nn.tuning import *  # noqa: F403
