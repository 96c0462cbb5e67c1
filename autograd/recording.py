"""Whether operations are recorded, checked and labelled: one context variable.

The state is per thread and per asyncio task, because ``contextvars`` are.
"""

import functools
from collections.abc import Callable, Generator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from autograd.callsite import find_site
from autograd.details import NO_DETAILS, Cut, Details

if TYPE_CHECKING:
    from autograd.debugging import Debugger

__all__ = [
    "Label",
    "Recording",
    "Switch",
    "creation_lines",
    "current",
    "enable_grad",
    "is_recording",
    "no_grad",
    "scope",
    "set_state",
]

Function = TypeVar("Function", bound=Callable[..., Any])


class Recording:
    """What an operation needs to know about its surroundings; never changed.

    Attributes
    ----------
    enabled : bool
        Whether operations on tensors that require a gradient are recorded.
    details : Details
        Holds the labels of the enclosing `scope` blocks, outermost first.
    debugger : Debugger or None
        Checks what operations compute, inside `autograd.debug`.
    lines : bool
        Whether results of array operations remember the line that made them.
    is_usual : bool
        Whether operations are recorded and not checked: the short ways are open.
    """

    __slots__ = ("debugger", "details", "enabled", "is_usual", "lines")

    def __init__(
        self,
        enabled: bool,
        details: Details,
        debugger: "Debugger | None" = None,
        lines: bool = False,
    ) -> None:
        self.enabled = enabled
        self.details = details
        self.debugger = debugger
        self.lines = lines
        self.is_usual = enabled and debugger is None


_STATE: ContextVar[Recording] = ContextVar(
    "autograd.recording",
    default=Recording(True, NO_DETAILS),  # noqa: B039  (never changed)
)
current = _STATE.get
set_state = _STATE.set


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


class Switch:
    """Context manager and decorator that replaces the state by another one."""

    def __init__(self) -> None:
        self._tokens: list[Token[Recording]] = []

    def state(self, before: Recording) -> Recording:
        """Return the state that holds inside."""
        raise NotImplementedError

    def _another(self) -> "Switch":
        """Return a switch like this one, for another call of a decorated function."""
        return type(self)()

    def __enter__(self) -> Self:
        self._tokens.append(_STATE.set(self.state(current())))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _STATE.reset(self._tokens.pop())

    def __call__(self, function: Function) -> Function:
        """Return the function with the switch set while its own code runs."""
        import inspect  # slow to import, and seldom needed

        switch, name = self._another, type(self).__name__
        if inspect.isasyncgenfunction(function):
            raise TypeError(
                f"{name}() cannot decorate {function.__name__}, an "
                f"asynchronous generator. Write `with {name}():` inside it."
            )
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


class no_grad(Switch):
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

    def state(self, before: Recording) -> Recording:
        """Return the state without recording; what is computed in it knows why."""
        cut = Cut("no_grad()", find_site(3))
        details = before.details.extended(cut=cut)
        return Recording(False, details, before.debugger, before.lines)


class enable_grad(Switch):
    """Record again inside a `no_grad` block.

    Examples
    --------
    >>> import autograd as ag
    >>> with ag.no_grad(), ag.enable_grad():
    ...     ag.is_recording()
    True
    """

    def state(self, before: Recording) -> Recording:
        """Return the state with recording."""
        details = Details(before.details.scope)
        return Recording(True, details, before.debugger, before.lines)


class creation_lines(Switch):
    """Let results of array operations remember the line that made them."""

    def state(self, before: Recording) -> Recording:
        """Return the state with lines."""
        return Recording(before.enabled, before.details, before.debugger, True)


class Label(str):
    """The label of a `scope` that has a caption; compared as the string that it is."""

    __slots__ = ("caption",)

    caption: str

    def __new__(cls, text: str, caption: str = "") -> Self:
        """Make a string with a caption."""
        label = super().__new__(cls, text)
        label.caption = caption
        return label


class scope(Switch):
    """Label the operations made inside, for drawing: ``with scope("layer 1"):``.

    Parameters
    ----------
    label : str
        The name of the box that a drawing puts around these operations.  Scopes
        nest: inside ``scope("net")``, ``scope("layer 1")`` is ``("net", "layer 1")``.
    caption : str, default ""
        What the drawing writes over the box in place of the label, for example what
        layer it is.

    Examples
    --------
    >>> import autograd as ag
    >>> x = ag.Tensor(2.0)
    >>> with ag.scope("square"):
    ...     y = x * x
    >>> y.scope
    ('square',)
    >>> with ag.scope("encoder.fc1", caption="Linear 4 → 2"):
    ...     z = x * 3
    >>> z.scope, z.scope[0].caption
    (('encoder.fc1',), 'Linear 4 → 2')
    """

    def __init__(self, label: str, caption: str = "") -> None:
        Switch.__init__(self)  # in a layer's every call, and super() is slower
        if caption:
            self.label: str = Label(label, caption)
        else:  # a label that was made before keeps its caption
            self.label = label if label.__class__ is Label else str(label)

    def _another(self) -> "scope":
        return scope(self.label)

    def state(self, before: Recording) -> Recording:
        """Return the state with one label more."""
        details = Details((*before.details.scope, self.label))
        if before.details.cut is not None:
            details = details.extended(cut=before.details.cut)
        return Recording(before.enabled, details, before.debugger, before.lines)
