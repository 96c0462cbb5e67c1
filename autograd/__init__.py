"""NumPy code in, gradients and the lesson out.

`Tensor` wraps a value; operators and NumPy functions on it record a computation graph;
``backward()`` differentiates it.
"""

from autograd import linalg as linalg
from autograd.check import Comparison as Comparison
from autograd.check import compare as compare
from autograd.check import gradcheck as gradcheck
from autograd.debugging import debug as debug
from autograd.errors import *  # noqa: F403
from autograd.ops import *  # noqa: F403
from autograd.primitive import PRIMITIVES as PRIMITIVES
from autograd.primitive import Fused as Fused
from autograd.primitive import Primitive as Primitive
from autograd.primitive import primitive as primitive
from autograd.recording import enable_grad as enable_grad
from autograd.recording import is_recording as is_recording
from autograd.recording import no_grad as no_grad
from autograd.recording import scope as scope
from autograd.scalar import scalars as scalars
from autograd.tensor import Tensor as Tensor
from autograd.transforms import checkpoint as checkpoint
from autograd.transforms import elementwise_grad as elementwise_grad
from autograd.transforms import grad as grad
from autograd.transforms import hessian as hessian
from autograd.transforms import hvp as hvp
from autograd.transforms import jacobian as jacobian
from autograd.transforms import jvp as jvp
from autograd.transforms import make_jvp as make_jvp
from autograd.transforms import make_vjp as make_vjp
from autograd.transforms import value_and_grad as value_and_grad
from autograd.transforms import vjp as vjp
