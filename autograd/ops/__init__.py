"""Every differentiable operation, one family a file."""

from autograd.ops.arithmetic import *  # noqa: F403
from autograd.ops.elementwise import *  # noqa: F403
from autograd.ops.exponential import *  # noqa: F403
from autograd.ops.indexing import *  # noqa: F403
from autograd.ops.linalg import *  # noqa: F403
from autograd.ops.reduction import *  # noqa: F403
from autograd.ops.shape import *  # noqa: F403
from autograd.ops.trigonometric import *  # noqa: F403
