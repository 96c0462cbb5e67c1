"""NumPy code in, gradients and the lesson out.

`Tensor` wraps a value; operators and NumPy functions on it record a computation graph;
``backward()`` differentiates it.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import linalg as linalg
from autograd.callsite import user_level as user_level
from autograd.debugging import debug as debug
from autograd.errors import *  # noqa: F403
from autograd.memory import keep_freed_memory
from autograd.ops import *  # noqa: F403
from autograd.other_distribution import warn_if_installed
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

warn_if_installed(sys.path)
keep_freed_memory()

if TYPE_CHECKING:
    from autograd.check.compare import compare as compare
    from autograd.check.comparison import Comparison as Comparison
    from autograd.check.gradcheck import gradcheck as gradcheck
    from autograd.check.marking import check_backward as check_backward
    from autograd.check.marks import Marking as Marking
    from autograd.check.mutants import mutants as mutants
    from autograd.compiler.compiled import compile as compile
    from autograd.config.show import show_config as show_config
    from autograd.derivation.document import latex as latex
    from autograd.program.source import source as source

# Imported when first used: they need much of the standard library.
_LATER = {
    "Comparison": "check.comparison",
    "Marking": "check.marks",
    "check_backward": "check.marking",
    "compare": "check.compare",
    "compile": "compiler.compiled",
    "gradcheck": "check.gradcheck",
    "latex": "derivation.document",
    "mutants": "check.mutants",
    "show_config": "config.show",
    "source": "program.source",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"autograd.{_LATER[name]}"), name)
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
