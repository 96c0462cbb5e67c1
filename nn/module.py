"""`Module`: a function with parameters, and the base class of all layers.

A module is an ordinary Python object.  Three kinds of attributes mean more:

    self.weight = Tensor(...)      a leaf that requires a gradient: a parameter
    self.fc1 = Linear(4, 2)        a module: a child, with its own parameters
    self.register_buffer(...)      an array that is saved but not trained: a buffer

Everything else is a plain attribute.  The path of a parameter is the chain of attribute
names that leads to it, such as ``encoder.fc1.weight``; it becomes the tensor's name, so
that error messages and drawings use it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd import ChalkgradError, Tensor, scope
from nn.caption import caption
from nn.parameter import float_dtype
from nn.state import LoadReport, load_state, take_state

__all__ = ["ForwardHookHandle", "Module"]

_INTERNAL = ("_parameter_names", "_buffer_names", "_hooks")
_LONGEST = 1000  # a longer list holds data; looking through it would take time

ForwardHook = Callable[["Module", tuple[Any, ...], Any], Any]


class ForwardHookHandle:
    """What `Module.register_forward_hook` returns: ``remove()`` takes the hook away."""

    def __init__(self, hooks: dict["ForwardHookHandle", ForwardHook]) -> None:
        self._hooks = hooks

    def remove(self) -> None:
        """Take the hook away; it does no harm to do so twice."""
        self._hooks.pop(self, None)


class Module:
    """A function with parameters.  Derive a class and define ``forward``.

    Attributes
    ----------
    training : bool
        True after `train`, False after `eval`; dropout and batch normalisation look
        at it.
    path : str
        The attribute names that lead here from the outermost module, joined by dots;
        empty for the outermost module itself.

    Notes
    -----
    Calling a module calls ``forward`` and labels what it records with ``path``, or with
    the class name where that is empty, so that a drawing has one box per layer; the
    class name and `extra_repr` are its caption.  Plain floating-point arrays are first
    cast to the dtype of the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> class Net(nn.Module):
    ...     def __init__(self, rng):
    ...         self.fc1 = nn.Linear(4, 3, rng=rng)
    ...         self.fc2 = nn.Linear(3, 1, rng=rng)
    ...
    ...     def forward(self, x):
    ...         return self.fc2(np.tanh(self.fc1(x)))
    >>> net = Net(np.random.default_rng(0))
    >>> net(np.ones((5, 4))).shape
    (5, 1)
    >>> [name for name, _ in net.named_parameters()]
    ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']
    """

    training: bool
    path: str
    _parameter_names: dict[str, None]  # a dict keeps the order
    _buffer_names: dict[str, bool]  # whether the state has them
    _hooks: dict[ForwardHookHandle, ForwardHook]
    _label: str | None  # of its scope with its caption, once it was called

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Make an empty module; a class need not call ``super().__init__()``."""
        module = super().__new__(cls)
        vars(module).update(training=True, path="", _label=None)
        vars(module).update(_parameter_names={}, _buffer_names={}, _hooks={})
        return module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; every module defines its own."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(self, x): define it."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `forward` and the hooks, in a scope of the module's name."""
        if any([_is_float_array(x) for x in args]):
            args = self._cast(args)
        with scope(self._label or self._new_label()):
            try:
                out = self.forward(*args, **kwargs)
            except Exception as error:
                _name_layer(error, self, args)
                raise
            for hook in list(self._hooks.values()):
                changed = hook(self, args, out)
                out = out if changed is None else changed
        return out

    def _new_label(self) -> str:
        """Return the label, and keep it until an attribute changes."""
        label = scope(self.path or type(self).__name__, caption(self)).label
        vars(self)["_label"] = label
        return label

    def _cast(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Cast plain floating-point arrays to the dtype of the parameters."""
        own = next(self.own_parameters(), None)
        first = own[1] if own else next(self.parameters(), None)
        if first is None:
            return args
        return tuple(
            x.astype(first.dtype, copy=False) if _is_float_array(x) else x for x in args
        )

    # ---- attributes ----------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Tensor) and value.is_leaf and value.requires_grad:
            self.register_parameter(name, value)
            return
        if name in self._parameter_names and not _is_parameter(value):
            raise TypeError(
                f"{name} = ...: {self.title}.{name} is a parameter; it can become "
                f"another leaf Tensor or None, not a {type(value).__name__}."
            )
        refuse_plain_container(self, name, value)
        super().__setattr__(name, value)
        if name not in self._buffer_names:  # no caption tells the value of a buffer
            vars(self)["_label"] = None
        if isinstance(value, Module):
            self._adopt(name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._parameter_names.pop(name, None)
        self._buffer_names.pop(name, None)

    def register_parameter(self, name: str, parameter: Tensor | None) -> None:
        """Make a leaf tensor a parameter, also one that does not require a gradient.

        Parameters
        ----------
        name : str
            The attribute.
        parameter : Tensor or None
            The parameter; None keeps the name free for one.

        Raises
        ------
        TypeError
            If it is neither None nor a leaf.
        """
        if not _is_parameter(parameter):
            raise TypeError(
                f"register_parameter: {self.title}.{name} must be a leaf Tensor or "
                f"None, got {type(parameter).__name__}. A result of operations is "
                f"computed in forward."
            )
        self._parameter_names[name] = None
        super().__setattr__(name, parameter)
        vars(self)["_label"] = None
        if parameter is not None and parameter.name is None:
            parameter.name = _join(self.path, name)

    def register_buffer(
        self, name: str, array: npt.ArrayLike | None, persistent: bool = True
    ) -> None:
        """Make an array part of the module's state without training it.

        Parameters
        ----------
        name : str
            The attribute; assign to it to change the array.
        array : array_like or None
            The value, such as a running mean.
        persistent : bool, default True
            Whether `state_dict` holds it.
        """
        self._buffer_names[name] = persistent
        value = None if array is None else np.array(array)
        super().__setattr__(name, value)

    def _adopt(self, name: str, child: "Module") -> None:
        """Extend the paths below a new child, where they are not already others'."""
        prefix = _join(self.path, name)
        for local, module in child.named_modules():
            if module.path == local:
                vars(module).update(path=_join(prefix, local), _label=None)
        for local, parameter in child.named_parameters():
            if parameter.name == local:  # a name that the user gave is kept
                parameter.name = _join(prefix, local)

    # ---- walking -------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """Yield attribute name and module, in the order of the attributes."""
        for name, value in list(vars(self).items()):
            if isinstance(value, Module):
                yield name, value
            else:
                refuse_plain_container(self, name, value)

    def children(self) -> Iterator["Module"]:
        """Yield the modules among the attributes."""
        for _, child in self.named_children():
            yield child

    def named_modules(
        self, *, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, "Module"]]:
        """Yield path and module, this one (path ``""``) first, then all below it.

        A module in two places is yielded once, unless ``remove_duplicate=False``.
        """
        yield from _walk(self, "", set(), remove_duplicate)

    def modules(self) -> Iterator["Module"]:
        """Yield this module and all below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield path and parameter, each tensor once, also where it is shared."""
        seen: set[Tensor] = set()
        for path, module in self.named_modules():
            for name, parameter in module.own_parameters():
                if parameter not in seen:
                    seen.add(parameter)
                    yield _join(path, name), parameter

    def parameters(self) -> Iterator[Tensor]:
        """Yield the parameters, each once."""
        for _, parameter in self.named_parameters():
            yield parameter

    def own_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield attribute name and parameter of this module, not of its children."""
        for name in list(self._parameter_names):
            parameter = getattr(self, name)
            if parameter is not None:
                yield name, parameter

    def own_buffers(self) -> Iterator[tuple[str, Any, bool]]:
        """Yield name, array and whether it is saved, of this module's own buffers."""
        for name, persistent in list(self._buffer_names.items()):
            array = getattr(self, name)
            if array is not None:
                yield name, array, persistent

    def named_buffers(self) -> Iterator[tuple[str, Any]]:
        """Yield path and array of every buffer."""
        for path, module in self.named_modules():
            for name, array, _ in module.own_buffers():
                yield _join(path, name), array

    def buffers(self) -> Iterator[Any]:
        """Yield the buffers."""
        for _, array in self.named_buffers():
            yield array

    # ---- state ---------------------------------------------------------------------

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return copies of all parameters and saved buffers, by path.

        A shared parameter is there under each of its paths.

        Examples
        --------
        >>> import nn, numpy as np
        >>> layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
        >>> {name: array.shape for name, array in layer.state_dict().items()}
        {'weight': (2, 3), 'bias': (2,)}
        """
        return take_state(self)

    def load_state_dict(
        self, state: dict[str, Any], strict: bool = True, *, cast: bool = False
    ) -> LoadReport:
        """Set parameters and buffers to the values in a state, all of them or none.

        Parameters
        ----------
        state : dict
            Arrays by path, as from `state_dict`; one of PyTorch's works as well.
        strict : bool, default True
            Whether missing and unexpected paths are errors.
        cast : bool, default False
            Whether values of another dtype are converted.

        Returns
        -------
        LoadReport
            ``missing_keys`` and ``unexpected_keys``, both empty if ``strict``.

        Raises
        ------
        CheckpointError
            If a path is missing or unexpected or a shape differs.  The message lists
            every problem, and nothing was changed.
        DTypeError
            If only dtypes differ.
        """
        return load_state(self, state, strict=strict, cast=cast)

    # ---- switches ------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Set ``training`` here and below, and return the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set ``training`` to False: no dropout, running averages in batch norm."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: ``.grad`` becomes None."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Train all parameters, or freeze them, and return the module."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def to(self, dtype: npt.DTypeLike) -> Self:
        """Convert parameters, their gradients and floating-point buffers to a dtype.

        The parameters become new tensors, so an optimiser must be made afterwards.
        """
        checked = float_dtype(f"{self.title}.to", dtype)
        converted: dict[Tensor, Tensor] = {}
        for module in self.modules():
            for name, old in module.own_parameters():
                if old not in converted:
                    converted[old] = _converted(old, checked)
                module.register_parameter(name, converted[old])
            for name, array, _ in module.own_buffers():
                if array.dtype.kind == "f":
                    setattr(module, name, array.astype(checked))
        return self

    def apply(self, function: Callable[["Module"], Any]) -> Self:
        """Call a function with every module below and then this one; return this one.

        Examples
        --------
        >>> import nn, numpy as np
        >>> def zero_bias(module):
        ...     if isinstance(module, nn.Linear):
        ...         nn.init.zeros(module.bias)
        >>> net = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)))
        >>> net.apply(zero_bias)[0].bias.tolist()
        [0.0, 0.0]
        """
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def register_forward_hook(self, hook: ForwardHook) -> ForwardHookHandle:
        """Call ``hook(module, args, output)`` after every ``forward``.

        What the hook returns, if not None, takes the place of the output.

        Returns
        -------
        ForwardHookHandle
            Its ``remove()`` takes the hook away.
        """
        handle = ForwardHookHandle(self._hooks)
        self._hooks[handle] = hook
        return handle

    # ---- text ----------------------------------------------------------------------

    @property
    def title(self) -> str:
        """Path and constructor for a message: ``fc1: Linear(4, 2)``."""
        head = f"{type(self).__name__}({self.extra_repr()})"
        return f"{self.path}: {head}" if self.path else head

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return ""

    def __repr__(self) -> str:
        lines = [
            f"({name}): {child!r}".replace("\n", "\n  ")
            for name, child in self.named_children()
        ]
        name, extra = type(self).__name__, self.extra_repr()
        if not lines:
            return f"{name}({extra})"
        return "\n  ".join([f"{name}({extra}", *lines]) + "\n)"


def refuse_plain_container(owner: Module, name: str, value: Any) -> None:
    """Raise if modules or parameters would hide in a plain list, tuple or dict."""
    if not isinstance(value, list | tuple | dict) or name in _INTERNAL:
        return
    hidden = next(_hidden(value), None)
    if hidden is None:
        return
    plain, kind = type(value).__name__, type(hidden).__name__
    what = "layers" if isinstance(hidden, Module) else "parameters"
    better = "ParameterList([...])"
    if isinstance(hidden, Module):
        better = "ModuleDict({...})" if isinstance(value, dict) else "ModuleList([...])"
    raise TypeError(
        f"{type(owner).__name__}: self.{name} = [{kind}, ...]: {what} in a plain "
        f"{plain} are not trained or saved. Use nn.{better}."
    )


def _hidden(value: Any) -> Iterator[Any]:
    """Yield the modules and parameters inside nested plain containers."""
    if isinstance(value, Module) or (
        isinstance(value, Tensor) and value.is_leaf and value.requires_grad
    ):
        yield value
    elif isinstance(value, list | tuple | dict) and len(value) <= _LONGEST:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _hidden(item)


def _walk(
    module: Module, path: str, seen: set[Module], remove_duplicate: bool
) -> Iterator[tuple[str, Module]]:
    """Yield a module and all below; ``seen`` are those met, or those above."""
    if module in seen:
        return
    seen.add(module)
    yield path, module
    for name, child in module.named_children():
        yield from _walk(child, _join(path, name), seen, remove_duplicate)
    if not remove_duplicate:
        seen.discard(module)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _is_parameter(value: Any) -> bool:
    return value is None or (isinstance(value, Tensor) and value.is_leaf)


def _is_float_array(value: Any) -> bool:
    return value.__class__ is np.ndarray and value.dtype.kind == "f"


def _converted(old: Tensor, dtype: np.dtype[Any]) -> Tensor:
    new = Tensor(old.data, old.requires_grad, dtype=dtype, name=old.name)
    new.grad = None if old.grad is None else old.grad.astype(dtype)
    return new


def _name_layer(error: Exception, module: Module, args: tuple[Any, ...]) -> None:
    """Put the innermost layer's path in front of what an operation complains about."""
    ours = isinstance(error, ChalkgradError) or type(error) in (ValueError, IndexError)
    if not ours or hasattr(error, "layer") or not error.args:
        return
    error.layer = module.path  # type: ignore[attr-defined]
    before = next(
        (x.scope[-1] for x in args if isinstance(x, Tensor) and x.scope), None
    )
    origin = f"\n  The input comes from {before}." if before else ""
    error.args = (f"{module.title}: {error.args[0]}{origin}", *error.args[1:])
