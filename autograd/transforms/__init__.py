"""Functions that differentiate functions.

They take a function of arrays and return a function of arrays.  They nest to any order:
``grad(grad(f))`` is the second derivative, because the rules record when they are given
tensors.
"""

from autograd.transforms.checkpoint import checkpoint as checkpoint
from autograd.transforms.gradient import elementwise_grad as elementwise_grad
from autograd.transforms.gradient import grad as grad
from autograd.transforms.gradient import value_and_grad as value_and_grad
from autograd.transforms.matrices import hessian as hessian
from autograd.transforms.matrices import jacobian as jacobian
from autograd.transforms.products import hvp as hvp
from autograd.transforms.products import jvp as jvp
from autograd.transforms.products import make_jvp as make_jvp
from autograd.transforms.products import make_vjp as make_vjp
from autograd.transforms.products import vjp as vjp
