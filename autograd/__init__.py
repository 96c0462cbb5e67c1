"""NumPy code in, gradients and the lesson out.

`Tensor` wraps a value; operators and NumPy functions on it record a computation graph;
``backward()`` differentiates it.
"""

from autograd.check import gradcheck
from autograd.errors import *  # noqa: F403
from autograd.ops import *  # noqa: F403
from autograd.primitive import PRIMITIVES, Primitive, primitive
from autograd.recording import enable_grad, is_recording, no_grad, scope
from autograd.scalar import scalars
from autograd.tensor import Tensor
from autograd.transforms import grad, value_and_grad
