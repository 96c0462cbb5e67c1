"""Whether operations are recorded, and under which label: one context variable.

The state is per thread and per asyncio task, because ``contextvars`` are.
"""

import functools
import inspect
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from autograd.callsite import Site

__all__ = ["NO_DETAILS", "Details", "Recording", "current", "enable_grad", "is_recording", "no_grad", "scope"]

Function = TypeVar("Function", bound=Callable[..., Any])


class Details:
    """What is known about a tensor beside its value and its inputs.

    Results of scalar operators share the details of the scope they were made in, which
    are therefore never changed.
    """

    __slots__ = ("more", "name", "saved", "scope", "settings", "site")

    def __init__(
        self,
        scope: tuple[str, ...],
        name: str | None = None,
        site: Site | None = None,
    ) -> None:
        self.scope = scope
        self.name = name
        self.site = site  # the line that made it
        self.settings: dict[str, Any] | None = None  # what the operation was told
        self.more: tuple[Any, ...] = ()  # the inputs from the third on
        self.saved: Any = None  # what a fused forward kept for its backward

    def renamed(self, name: str | None) -> "Details":
        """Return the same details with another name."""
        twin = Details(self.scope, name, self.site)
        twin.settings = self.settings
        twin.more = self.more
        twin.saved = self.saved
        return twin


NO_DETAILS = Details(())


class Recording:
    """What an operation needs to know about its surroundings; never changed.

    Attributes
    ----------
    enabled : bool
        Whether operations on tensors that require a gradient are recorded.
    details : Details
        Holds the labels of the enclosing `scope` blocks, outermost first.
    """

    __slots__ = ("details", "enabled")

    def __init__(self, enabled: bool, details: Details) -> None:
        self.enabled = enabled
        self.details = details


_STATE: ContextVar[Recording] = ContextVar(
    "autograd.recording",
    default=Recording(True, NO_DETAILS),  # noqa: B039  (never changed)
)
current = _STATE.get


def is_recording() -> bool:
    """Return whether operations are recorded here and now.

    Examples
    --------
    >>> import autograd as ag
    >>> ag.is_recording()
    True
    >>> with ag.no_grad():
    ...     ag.is_recording()
    False
    """
    return current().enabled


class _SetRecording:
    """Context manager and decorator that switches recording on or off."""

    enabled: bool

    def __init__(self) -> None:
        self._tokens: list[Token[Recording]] = []

    def __enter__(self) -> Self:
        state = Recording(self.enabled, current().details)
        self._tokens.append(_STATE.set(state))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _STATE.reset(self._tokens.pop())

    def __call__(self, function: Function) -> Function:
        switch = type(self)
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
                # The switch is set only while the generator's own code runs, so that
                # it does not leak into the caller between two values.
                steps = function(*args, **kwargs)
                step: Callable[[], Any] = functools.partial(next, steps)
                while True:
                    try:
                        with switch():
                            value = step()
                    except StopIteration as stop:
                        return stop.value
                    try:
                        step = functools.partial(steps.send, (yield value))
                    except GeneratorExit:
                        with switch():
                            steps.close()
                        raise
                    except BaseException as error:
                        step = functools.partial(steps.throw, error)

            return cast(Function, generator)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def coroutine(*args: Any, **kwargs: Any) -> Any:
                with switch():
                    return await function(*args, **kwargs)

            return cast(Function, coroutine)

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with switch():
                return function(*args, **kwargs)

        return cast(Function, wrapped)


class no_grad(_SetRecording):  # noqa: N801  (reads as a statement: with no_grad():)
    """Compute without recording: ``with no_grad():`` or ``@no_grad()``.

    Inside, results do not require a gradient, and a leaf may be changed in place.

    Notes
    -----
    The switch belongs to the current thread or asyncio task.  A generator that is
    suspended *inside* a ``with no_grad():`` block leaves it switched off for its
    caller; decorate the generator function instead, which does not.

    Examples
    --------
    >>> import autograd as ag
    >>> w = ag.Tensor([1.0, 2.0])
    >>> with ag.no_grad():
    ...     w -= 0.5
    >>> w
    Tensor([0.5, 1.5])
    """

    enabled = False


class enable_grad(_SetRecording):  # noqa: N801
    """Record again inside a `no_grad` block.

    Examples
    --------
    >>> import autograd as ag
    >>> with ag.no_grad(), ag.enable_grad():
    ...     ag.is_recording()
    True
    """

    enabled = True


@contextmanager
def scope(label: str) -> Generator[None]:
    """Label the operations made inside, for drawing: ``with scope("layer 1"):``.

    Parameters
    ----------
    label : str
        The name of the box that a drawing puts around these operations.  Scopes
        nest: inside ``scope("net")``, ``scope("layer 1")`` is ``("net", "layer 1")``.

    Examples
    --------
    >>> import autograd as ag
    >>> x = ag.Tensor(2.0)
    >>> with ag.scope("square"):
    ...     y = x * x
    >>> y.scope
    ('square',)
    """
    state = current()
    details = Details((*state.details.scope, str(label)))
    token = _STATE.set(Recording(state.enabled, details))
    try:
        yield
    finally:
        _STATE.reset(token)
