"""Neural networks: modules, layers, losses, optimisers and training.

Everything here is composition of the operations in `autograd`; no derivative rule lives
in this package.
"""

from nn import functional as functional
from nn import init as init
from nn.activation import *  # noqa: F403
from nn.attention import *  # noqa: F403
from nn.cells import *  # noqa: F403
from nn.containers import *  # noqa: F403
from nn.conv import *  # noqa: F403
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
from nn.summary import Summary as Summary
from nn.summary import summary as summary
from nn.transformer import *  # noqa: F403
