"""`compile`: a function that is recorded once and then runs as a plan."""

import functools
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.callsite import user_level
from autograd.compiler.arguments import Arguments
from autograd.compiler.checking import check
from autograd.compiler.plan import Plan
from autograd.compiler.state import StandIn, State
from autograd.compiler.trace import Trace, as_variable, as_watched, trace
from autograd.compiler.watching import NotCompilable, is_watching
from autograd.recording import current
from autograd.tensor import Tensor

__all__ = ["Compiled", "compile"]

_MOST_PLANS = 16
_NO_ARGUMENTS = Arguments((), {})


def compile(function: Callable[..., Any]) -> "Compiled":
    """Record a function once, and run it from then on as a plan without a graph.

    Parameters
    ----------
    function : callable
        Returns one Tensor, such as a loss.  It may use tensors from outside, such as
        the parameters of a model, beside its arguments.

    Returns
    -------
    Compiled
        Is called like the function.  What it returns is one node of the graph, on
        which ``backward()`` gives the tensors among the arguments, and those from
        outside, the gradients that the function itself would give.

    Warns
    -----
    UserWarning
        Once for each reason, if the function cannot be compiled; it then runs as
        usual, with the same results.

    Notes
    -----
    A plan is made for each structure, shapes and dtypes of the arguments, and for each
    value of the numbers, strings and other objects among them; up to 16 in all.
    Tensors and arrays are its inputs, integer arrays as well. The function is then run
    several times, at the given values and at others, and everything that this changes
    is put back, but for what it takes from iterators and files.  No plan is made where
    the recording does not hold all that happens: control flow on values, values that
    leave the graph (``item()``, ``x > 0``, ``detach()``), random numbers, side effects,
    or where plan and function differ.

    A plan is used as long as the function finds what it was recorded with: variables
    of the closure, global variables it names, attributes of ``self`` and of a model, a
    ``training`` flag.  It cannot see numbers that are written *in place* into an array,
    or into the ``data`` of a Tensor without a gradient, from outside that is not only
    an operand itself; attributes of imported modules; what is printed; and global state
    behind functions of other libraries.

    In a graph of scalars equal operations are computed as vectors; sums are added up
    in another order there, so results agree to rtol 1e-12.  In graphs of arrays values
    are those of the function bit for bit, and gradients agree to rtol 1e-12 (float64)
    and 1e-5 (float32) of the largest element: sums over rows, and over the steps of a
    loop, are matrix products there.  Three things are simplified:

    - On arrays of 131072 elements and more ``x * b + r - 2 * x`` is computed as
      ``x * (b - 2) + r``: values, too, agree as above then, beside the largest term.
      Where terms are infinite, it may have a value where the function gives NaN.
    - The gradient of the cross entropy of a sigmoid, both written out with constant
      targets, is ``A - Y``.  It is finite where the function divides by 0, and rounded
      as A is: to 1e-16 of a wrong prediction's gradient (float64).
    - Minus signs and numbers that are the same in all elements are applied to products
      at the end.

    Only the result is a node: tensors inside the function get no ``.grad``.  The first
    call must not run while other threads change what the function looks at, because
    that is put back.

    The arrays of a plan belong to it, one set for each thread: the next call in the
    thread invalidates a pending ``backward()``, which then raises `InPlaceError`.
    Derivatives of higher order run the function itself.  The checks that operations
    make on the values of arguments are made on negative integers only.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> w = ag.Tensor([1.0, 2.0])
    >>> @ag.compile
    ... def loss(x):
    ...     return ((w * x) ** 2).sum()
    >>> result = loss(np.array([1.0, 3.0]))
    >>> result
    Tensor(37., op=compiled)
    >>> result.backward()
    >>> w.grad
    array([ 2., 36.])
    """
    return Compiled(function)


class _Entry:
    """What was found out for one kind of call: a plan, or that there is none."""

    def __init__(self, plan: Plan | None, state: State, statics: list[Any]) -> None:
        self.plan = plan
        self.state = state
        self.statics = statics  # kept, so that their ids stay theirs

    def fits(self) -> bool:
        """Return whether it is still true."""
        return self.state.is_unchanged() if self.plan is None else self.plan.fits()


class Compiled(StandIn):
    """A function that `compile` returned.

    Parameters
    ----------
    function : callable
        What was compiled.

    Attributes
    ----------
    function : callable
        The same.
    source : str
        The program that ran last.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        self._entries: dict[Any, list[_Entry]] = {}
        self._count = 0
        self._last: Plan | None = None
        self._warned: set[str] = set()
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"<compiled {self.name}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Return a bound method, where a class has a compiled function."""
        return self if instance is None else types.MethodType(self, instance)

    @property
    def source(self) -> str:
        """The program that ran last; empty if none did."""
        return self._last.source if self._last else ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function: by a plan where there is one."""
        state = current()
        if state.debugger is not None or is_watching():
            return self.function(*args, **kwargs)
        arguments = Arguments(args, kwargs) if args or kwargs else _NO_ARGUMENTS
        entry = self._entry(arguments)
        plan = entry.plan if entry else None
        if plan is None or not plan.takes(arguments.arrays):
            return self.function(*args, **kwargs)
        try:
            out = plan.run(arguments)
        except Exception:
            # The function itself says what is wrong, or can do it after all.
            return self.function(*args, **kwargs)
        self._last = plan
        return out

    def _entry(self, arguments: Arguments) -> _Entry | None:
        for entry in self._entries.get(arguments.key, ()):
            if entry.fits():
                return entry
        with self._lock:
            for entry in self._entries.get(arguments.key, ()):  # made by another thread
                if entry.fits():
                    return entry
            if self._count >= _MOST_PLANS:
                self._warn(
                    f"it was called with more than {_MOST_PLANS} different shapes, "
                    f"numbers or states. New ones run eagerly. Pass what changes in "
                    f"every call as an array"
                )
                return None
            self._count += 1
            new = self._record(arguments)
            self._entries.setdefault(arguments.key, []).append(new)
            return new

    def _record(self, arguments: Arguments) -> _Entry:
        """Make a plan, or warn; either way leave everything as it was."""
        roots = [self.function, *arguments.statics]
        before = State(roots, keep=True)
        plan = warm = None
        try:
            warm = self._warm_state(roots, arguments)
            plan = self._plan(arguments)
            if not warm.is_unchanged() or not warm.has_equal_contents():
                raise NotCompilable(
                    "it draws random numbers"
                    if warm.drew_random_numbers()
                    else "it changes something beside its result in every call"
                )
        except NotCompilable as reason:
            drew = plan is None and warm is not None and warm.drew_random_numbers()
            said = "it draws random numbers" if drew else str(reason)
            plan = None
            self._warn(f"{said}. It runs eagerly, with the same results")
        finally:
            before.restore()
        state = State(roots)
        if plan is not None:
            plan.state = state
        return _Entry(plan, state, arguments.statics)

    def _warm_state(self, roots: list[Any], arguments: Arguments) -> State:
        """Run the function once, and return the state it leaves: caches are filled."""
        args, kwargs = arguments.replaced(lambda x: x)
        self.function(*args, **kwargs)
        return State(roots, keep=True)

    def _plan(self, arguments: Arguments) -> Plan:
        reason: Exception | None = None
        for casts, watches in _ways(arguments):
            try:
                return self._checked_plan(arguments, casts, watches)
            except Exception as error:
                reason = reason or error
        if isinstance(reason, NotCompilable):
            raise reason
        raise NotCompilable(f"recording it fails: {type(reason).__name__}: {reason}")

    def _checked_plan(
        self, arguments: Arguments, casts: dict[int, Any], watches: bool
    ) -> Plan:
        def record(arguments: Arguments) -> Trace:
            return trace(self.function, arguments, _Placeholder(casts, watches))

        found = record(arguments)
        plan = Plan(self.function, arguments, found, casts)
        check(plan, found, arguments, record)
        return plan

    def _warn(self, reason: str) -> None:
        if reason not in self._warned:
            self._warned.add(reason)
            warnings.warn(
                f"compile: {self.name} cannot be compiled: {reason}.",
                UserWarning,
                stacklevel=user_level(),
            )


def _ways(
    arguments: Arguments,
) -> Iterator[tuple[dict[int, Any], bool]]:
    """Yield ways to record: what is converted first, and which arrays stay arrays.

    Integers stay arrays, as indices must, or else become part of the graph.  A layer
    converts float64 data to its own dtype where it is given a plain array; then the
    data is converted before the plan begins.
    """
    plain = [
        k
        for k, x in enumerate(arguments.arrays)
        if not isinstance(x, Tensor) and x.dtype == np.float64
    ]
    has_integers = any(
        [not isinstance(x, Tensor) and x.dtype.kind != "f" for x in arguments.arrays]
    )
    for casts in [{}, {k: np.float32 for k in plain}] if plain else [{}]:
        for watches in (True, False) if has_integers else (True,):
            yield casts, watches


class _Placeholder:
    """Makes what stands for an argument; called once for each, in order."""

    def __init__(self, casts: dict[int, Any], watches: bool) -> None:
        self.casts = casts
        self.watches = watches
        self.position = -1

    def __call__(self, x: Any) -> Any:
        self.position += 1
        if isinstance(x, Tensor):
            return as_variable(x)
        if x.dtype.kind not in "f" and (self.watches or x.dtype.kind not in "iub"):
            return as_watched(x)
        if self.position in self.casts:
            x = x.astype(self.casts[self.position])
        return as_variable(x)
