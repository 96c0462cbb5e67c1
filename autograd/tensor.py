"""`Tensor`: a NumPy array that remembers how it was made.

A tensor is itself the node of the computation graph. A *leaf* was made by the user; any
other tensor was made by an operation ``op`` from ``inputs`` with ``settings``:

    leaf:          W = Tensor([[1.0, 2.0]])            op is None
    recorded:      Z = W @ X                           op is matmul, inputs are (W, X)

This file holds what a value needs (creation, reading, changing in place). The
operations live in ``autograd/ops``; `autograd.primitive` hangs their operators and
methods onto this class, so that a new operation never edits this file.
"""

import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np
import numpy.typing as npt

from autograd import engine
from autograd.callsite import describe_site, find_site
from autograd.details import NO_DETAILS, Cut, Details
from autograd.engine import LEAF, clock
from autograd.errors import DTypeError, GradientError, InPlaceError, ShapeError
from autograd.hooks import Hook, HookHandle, Hooks
from autograd.numpy_protocol import array_function, array_ufunc
from autograd.recording import Recording, current

if TYPE_CHECKING:
    from autograd.primitive import Primitive

__all__ = ["Tensor", "constant", "describe", "record"]

_WEAK = (float, int, bool)

# What a tensor holds: an ndarray, or a NumPy scalar for a 0-d value (20 % faster).
Array = Any


class Tensor:
    """An array that records the operations on it, so that they can be differentiated.

    Parameters
    ----------
    data : float, int, list of them, or ndarray
        The value.  Python numbers become float64; an ndarray keeps its dtype.
    requires_grad : bool, optional
        Whether `backward` computes a gradient for it.  By default True for
        floating-point values and False for integers, booleans and strings.
    dtype : dtype, optional
        Convert the value to this dtype.
    copy : bool, default True
        Whether an ndarray is copied.  With ``copy=False`` the tensor shares its memory,
        and a change of the array changes the tensor.
    name : str, optional
        The name shown in drawings, tables and error messages.

    Attributes
    ----------
    grad : ndarray, NumPy scalar or None
        The gradient after `backward`; before it, None.

    Raises
    ------
    DTypeError
        If ``requires_grad=True`` and the dtype is not floating point, or if the value
        cannot be an array of numbers, booleans or strings.
    ShapeError
        If a nested list is ragged.

    Examples
    --------
    >>> from autograd import Tensor
    >>> a = Tensor(2.0)
    >>> b = a * a + 3 * a
    >>> b.backward()
    >>> b, a.grad
    (Tensor(10., op=add), np.float64(7.0))
    """

    # A scalar graph has millions of nodes, and the garbage collector visits every slot
    # of each: few slots make it fast, and what only some nodes have is kept in
    # `_details`.
    __slots__ = (
        "_a",
        "_b",
        "_cotangent",
        "_data",
        "_details",
        "_op",
        "_version",
        "grad",
    )

    _data: Array
    grad: Array | None
    _op: "Primitive | Any | None"  # None for a constant, LEAF for a differentiable leaf
    _a: "Tensor | None"  # the first input
    _b: "Tensor | None"  # the second input; more are in the details
    _details: Details  # shared by all results of scalar operators in a scope
    _cotangent: Any  # belongs to the engine while a sweep runs
    _version: int  # when the value was last written, on the engine's clock

    def __init__(
        self,
        data: npt.ArrayLike,
        requires_grad: bool | None = None,
        *,
        dtype: npt.DTypeLike | None = None,
        copy: bool = True,
        name: str | None = None,
    ) -> None:
        value = _as_value(data, dtype, copy)
        differentiable = value.dtype.kind == "f"
        if requires_grad and not differentiable:
            raise DTypeError(
                f"Tensor: requires_grad=True needs a floating-point dtype, got "
                f"{value.dtype} of shape {value.shape}"
                f"{f' for {name!r}' if name else ''}."
                f" Write Tensor(values, dtype=float)."
            )
        self._data = value
        if requires_grad is None:
            requires_grad = differentiable
        self._op = LEAF if requires_grad else None
        self.grad = self._a = self._b = self._cotangent = None
        state = current()
        self._details = Details(state.details.scope, name, find_site())
        self._version = clock.now
        if state.debugger is not None and requires_grad:
            state.debugger.leaves[self] = None

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Tensor cannot be subclassed; wrap it, or write a function.")

    # ---- the value -----------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The value: an ndarray, or a NumPy scalar if it is 0-d.

        Assigning keeps the shape and dtype: ``W.data -= 0.1 * W.grad`` is a step of
        gradient descent.
        """
        return self._data

    @data.setter
    def data(self, value: npt.ArrayLike) -> None:
        if value.__class__ is np.float64 and self._data.__class__ is np.float64:
            self._data = value  # a scalar: nothing to check
            if self._op is LEAF:
                self._version = clock.tick()
            else:
                self._written()
            return
        if value is self._data:  # it was changed in place
            self._written()
            return
        if isinstance(value, Tensor):
            value = value._data
        array = np.asarray(value)
        if array.shape != self._data.shape:
            raise ShapeError(
                f"data: {describe(self)} cannot take a value of shape {array.shape}. "
                f"Make a new Tensor for a value of another shape."
            )
        if not np.can_cast(array.dtype, self._data.dtype, casting="same_kind"):
            raise DTypeError(
                f"data: {describe(self)} cannot take a value of dtype {array.dtype}. "
                f"Write .astype({self._data.dtype}) first."
            )
        array = array.astype(self._data.dtype, copy=False)
        self._data = array if array.ndim else array[()]
        self._written()

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._data.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the value."""
        return self._data.dtype  # type: ignore[no-any-return]

    @property
    def name(self) -> str | None:
        """The name shown in drawings, tables and error messages."""
        return self._details.name

    @name.setter
    def name(self, name: str | None) -> None:
        self._details = self._details.renamed(name)

    @property
    def op(self) -> "Primitive | None":
        """The operation that made this tensor; None for a leaf."""
        return None if self._op is LEAF else self._op

    @property
    def settings(self) -> dict[str, Any]:
        """What the operation was told apart from its inputs, such as ``axis``."""
        return self._details.settings or {}

    @property
    def scope(self) -> tuple[str, ...]:
        """The labels of the `autograd.scope` blocks in which it was made."""
        return self._details.scope

    @property
    def requires_grad(self) -> bool:
        """Whether `backward` computes a gradient for this tensor.

        It can be switched for a leaf; a recorded result always requires a gradient.
        """
        return self._op is not None

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if requires_grad and self.dtype.kind != "f":
            raise DTypeError(
                f"requires_grad: {describe(self)} is not floating point. "
                f"Write Tensor(values, dtype=float)."
            )
        if self.op is None:
            self._op = LEAF if requires_grad else None
        elif not requires_grad:
            raise GradientError(
                f"requires_grad = False: {describe(self)} is not a leaf. "
                f"Write t.detach() to cut the graph here."
            )

    @property
    def inputs(self) -> "tuple[Tensor, ...]":
        """The tensors from which ``op`` made this one, in argument order."""
        if self._a is None:
            return ()
        if self._b is None:
            return (self._a,)
        return (self._a, self._b, *self._details.more)

    @property
    def is_leaf(self) -> bool:
        """Whether the user made this tensor, rather than an operation."""
        return self._op is LEAF or self._op is None

    @property
    def created_at(self) -> str:
        """``file.py:12``, the line that made it; of results only inside `debug`."""
        return describe_site(self._details.site)

    def item(self) -> Any:
        """Return the value of a tensor with one element as a Python number."""
        return self._data.item()

    def numpy(self) -> npt.NDArray[Any]:
        """Return the value as a read-only array.

        Raises
        ------
        GradientError
            If the tensor requires a gradient: what is done with the array would be
            missing from the graph.
        """
        if self.requires_grad:
            raise GradientError(
                f"numpy(): {describe(self)} requires a gradient, which an array cannot "
                f"carry. Write .detach().numpy(), or .data for the array itself."
            )
        view = np.asarray(self._data).view()
        view.flags.writeable = False
        return view

    def tolist(self) -> Any:
        """Return the value as nested Python lists."""
        return self._data.tolist()

    def detach(self) -> "Tensor":
        """Return a constant with a copy of the value, outside the graph."""
        return self._cut(np.array(self._data)[()], "detach()")

    def _cut(self, data: Array, what: str) -> "Tensor":
        """Return a constant that remembers what took it out of the graph, and where."""
        out = _constant_tensor(data)
        if self._op is not None:
            details = Details(current().details.scope, None, find_site(3))
            out._details = details.extended(cut=Cut(what, details.site))
        else:
            out._details = self._details
        return out

    @staticmethod
    def _constant(value: "Array | Tensor") -> "Tensor":
        return value if isinstance(value, Tensor) else _constant_tensor(value)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set `requires_grad` and return the tensor."""
        self.requires_grad = requires_grad
        return self

    def zero_grad(self) -> None:
        """Forget the gradient: ``.grad`` becomes None."""
        self.grad = None

    # ---- differentiation -----------------------------------------------------------

    def backward(
        self, gradient: npt.ArrayLike | None = None, *, keep: str = "all"
    ) -> None:
        """Compute the gradient of this tensor with respect to every tensor behind it.

        Leaves accumulate: a second call adds to ``.grad``.  Other tensors hold the
        gradient of the last call.  The graph is kept.

        Parameters
        ----------
        gradient : array_like, optional
            The cotangent of this tensor, of its shape.  Default: 1, for one element.
        keep : {"all", "leaves"}, default "all"
            With "leaves" only leaves get a ``.grad``; the other gradients are dropped
            on the way, which saves memory in training.

        Raises
        ------
        GradientError
            If nothing behind this tensor requires a gradient, or if it has more than
            one element and no ``gradient`` is given.
        ShapeError
            If ``gradient`` has another shape.
        InPlaceError
            If a value that the graph needs was changed in place after it was used.

        Examples
        --------
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 2.0, 3.0])
        >>> (x * x).sum().backward()
        >>> x.grad
        array([2., 4., 6.])
        """
        if keep not in ("all", "leaves"):
            raise ValueError(f'keep must be "all" or "leaves", got {keep!r}.')
        if not self.requires_grad:
            cut = self._details.cut
            reason = f"{cut} cut the graph" if cut else "It is made of constants only"
            raise GradientError(
                f"backward: nothing behind {describe(self)} requires a gradient. "
                f"{reason}. Make the leaves with Tensor(...) of a floating-point "
                f"dtype, and leave the graph only where no gradient is wanted."
            )
        engine.backward(self, self._seed(gradient), keep)

    def register_hook(self, hook: Hook) -> HookHandle:
        """Call a function with the gradient of this tensor in every backward pass.

        Parameters
        ----------
        hook : callable
            Gets the complete gradient.  What it returns, if not None, takes its place
            in ``.grad`` and for everything behind this tensor.

        Returns
        -------
        HookHandle
            Its ``remove()`` takes the hook away.

        Raises
        ------
        GradientError
            If this tensor does not require a gradient.

        Examples
        --------
        >>> from autograd import Tensor
        >>> x = Tensor(3.0)
        >>> y = x * x
        >>> handle = y.register_hook(lambda g: 10 * g)
        >>> (2 * y).backward()
        >>> y.grad, x.grad
        (np.float64(20.0), np.float64(120.0))
        """
        if not self.requires_grad:
            raise GradientError(
                f"register_hook: {describe(self)} requires no gradient, so the hook "
                f"would never be called. Write requires_grad_() first."
            )
        hooks = self._details.hooks or Hooks()
        self._details = self._details.extended(hooks=hooks)
        return hooks.add(hook)

    def _seed(self, gradient: npt.ArrayLike | None) -> Array:
        if gradient is None:
            if self.size != 1:
                raise GradientError(
                    f"backward: without gradient= the result must have one element; "
                    f"{describe(self)} has {self.size}. Reduce it with .sum() or "
                    f".mean(), or pass gradient= of shape {self.shape}."
                )
            return self.dtype.type(1) if not self.ndim else np.ones_like(self._data)
        seed = np.asarray(gradient._data if isinstance(gradient, Tensor) else gradient)
        if seed.shape != self.shape:
            raise ShapeError(
                f"backward: gradient has shape {seed.shape}, but {describe(self)} has "
                f"shape {self.shape}. They must be equal."
            )
        seed = seed.astype(self.dtype, copy=False)
        return seed if seed.ndim else seed[()]

    # ---- changing in place -----------------------------------------------------------

    def _written(self) -> None:
        time = clock.tick()
        if self.is_leaf:
            self._version = time
        else:  # its own rule, too, may need the value that it had
            self._details = self._details.extended(written=time)

    def _in_place(
        self, symbol: str, combine: Callable[[Any, Any], Any], other: Any
    ) -> "Tensor":
        """``self symbol= other``: a leaf stays itself, an intermediate is rebound."""
        if self.is_leaf and not current().enabled:
            value = combine(
                self._data, other._data if isinstance(other, Tensor) else other
            )
            self.data = value
            return self
        if self._op is LEAF:
            raise InPlaceError(
                f"{symbol}=: {describe(self)} is a leaf that requires a gradient; "
                f"changing it would lose that. Nothing was changed. Write "
                f"`with no_grad():` around "
                f"an update, or make a new tensor: b = a {symbol} ..."
            )
        return combine(self, other)  # type: ignore[no-any-return]

    def __iadd__(self, other: Any) -> "Tensor":
        return self._in_place("+", lambda a, b: a + b, other)

    def __isub__(self, other: Any) -> "Tensor":
        return self._in_place("-", lambda a, b: a - b, other)

    def __imul__(self, other: Any) -> "Tensor":
        return self._in_place("*", lambda a, b: a * b, other)

    def __itruediv__(self, other: Any) -> "Tensor":
        return self._in_place("/", lambda a, b: a / b, other)

    def __ipow__(self, other: Any) -> "Tensor":
        return self._in_place("**", lambda a, b: a**b, other)

    def __imatmul__(self, other: Any) -> "Tensor":
        return self._in_place("@", lambda a, b: a @ b, other)

    # ---- what Python asks of a value
    # -----------------------------------------------------

    __hash__ = object.__hash__
    __array_ufunc__ = array_ufunc

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        return array_function(self, function, args, kwargs)

    def __array__(
        self, dtype: Any = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        if self.requires_grad:
            raise DTypeError(
                f"{describe(self)} requires a gradient, which a plain array cannot "
                f"carry. "
                f"Use autograd.stack([...]) to put tensors together, or .detach() to "
                f"leave the graph."
            )
        return np.array(self._data, dtype=dtype, copy=copy)

    def __eq__(self, other: object) -> Any:
        return self._compared(np.equal, other)

    def __ne__(self, other: object) -> Any:
        return self._compared(np.not_equal, other)

    def __lt__(self, other: Any) -> Any:
        return self._compared(np.less, other)

    def __le__(self, other: Any) -> Any:
        return self._compared(np.less_equal, other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(np.greater, other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(np.greater_equal, other)

    def _compared(self, comparison: np.ufunc, other: Any) -> Any:
        """Compare values: the result is a plain boolean or an array of them."""
        if other is None:
            return (
                comparison is np.not_equal
                if comparison in (np.equal, np.not_equal)
                else NotImplemented
            )
        return comparison(
            self._data, other._data if isinstance(other, Tensor) else other
        )

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"the truth value of {describe(self)} is ambiguous. "
                f"Use .any() or .all() on a comparison."
            )
        return bool(self._data)

    def __float__(self) -> float:
        self._warn_cut("float")
        return float(self._data)

    def __int__(self) -> int:
        self._warn_cut("int")
        return int(self._data)

    def __index__(self) -> int:
        return operator.index(self._data)

    def _warn_cut(self, name: str) -> None:
        if self.requires_grad:
            warnings.warn(
                f"{name}() takes the value of {describe(self)} out of the graph; no "
                f"gradient will flow through it. Write .item() if that is meant.",
                UserWarning,
                stacklevel=3,
            )

    def __format__(self, specification: str) -> str:
        return format(self._data, specification) if specification else str(self)

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor: it has no axes.")
        return len(self._data)

    def __iter__(self) -> "Iterator[Tensor]":
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor: it has no axes.")
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self == value))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Tensor":
        if not self.is_leaf:
            raise TypeError(
                f"deepcopy of {describe(self)}: only leaves can be copied, a recorded "
                f"result belongs to its graph. Write .detach() first."
            )
        twin = Tensor(self._data, self.requires_grad, name=self.name)
        twin.grad = None if self.grad is None else np.copy(self.grad)[()]
        return twin

    def __reduce__(self) -> Any:
        """Pickle the value only, as a leaf; a recorded result becomes a constant."""
        return Tensor, (self._data, self._op is LEAF)

    def __repr__(self) -> str:
        notes = []
        if self.dtype != np.float64:
            notes.append(f"dtype={self.dtype}")
        if self.name is not None:
            notes.append(f"name={self.name!r}")
        if self.op is not None:
            notes.append(f"op={self.op.name}")
        elif not self.requires_grad:
            notes.append("requires_grad=False")
        text = np.array2string(np.asarray(self._data), separator=", ", prefix="Tensor(")
        return f"Tensor({', '.join([text, *notes])})"

    if TYPE_CHECKING:  # hung on by autograd.primitive, one block per operation
        T: "Tensor"

        def __getattr__(self, name: str) -> Callable[..., "Tensor"]: ...
        def __add__(self, other: Any) -> "Tensor": ...
        def __radd__(self, other: Any) -> "Tensor": ...
        def __sub__(self, other: Any) -> "Tensor": ...
        def __rsub__(self, other: Any) -> "Tensor": ...
        def __mul__(self, other: Any) -> "Tensor": ...
        def __rmul__(self, other: Any) -> "Tensor": ...
        def __truediv__(self, other: Any) -> "Tensor": ...
        def __rtruediv__(self, other: Any) -> "Tensor": ...
        def __pow__(self, other: Any) -> "Tensor": ...
        def __rpow__(self, other: Any) -> "Tensor": ...
        def __matmul__(self, other: Any) -> "Tensor": ...
        def __rmatmul__(self, other: Any) -> "Tensor": ...
        def __neg__(self) -> "Tensor": ...
        def __pos__(self) -> "Tensor": ...
        def __abs__(self) -> "Tensor": ...
        def __getitem__(self, index: Any) -> "Tensor": ...
        def __setitem__(self, index: Any, value: Any) -> None: ...


_new = Tensor.__new__


def record(
    data: Array,
    op: "Primitive",
    inputs: Sequence[Tensor],
    settings: dict[str, Any] | None,
    state: Recording,
) -> Tensor:
    """Return the result of an operation: a graph node, or a constant."""
    if not hasattr(data, "ndim"):  # a Python number, from a user's operation
        data = np.asarray(data)
    out = _new(Tensor)
    out._data = data if data.ndim else data[()]
    out.grad = out._cotangent = out._op = out._a = out._b = None
    out._details = details = Details(state.details.scope)
    if state.lines:
        details.site = find_site()
    out._version = clock.now
    if state.enabled and any([x._op is not None for x in inputs]):
        out._op = op
        details.settings = settings
        out._a = inputs[0]
        if len(inputs) > 1:
            out._b = inputs[1]
            details.more = tuple(inputs[2:])
        return out
    if state.enabled and getattr(data, "base", None) is not None:
        out._data = data.copy(order="K")  # a step on what it is a view of must not show
    cut = next((x._details.cut for x in inputs if x._details.cut), state.details.cut)
    if cut is not None:
        out._details = details.extended(cut=cut)
    return out


def _constant_tensor(data: Array) -> Tensor:
    """Wrap a value that is not differentiated, without copying it."""
    out = _new(Tensor)
    out._data = data
    out.grad = out._cotangent = out._op = out._a = out._b = None
    out._details = NO_DETAILS
    out._version = clock.now
    return out


def constant(value: Any, like: Any) -> Tensor:
    """Wrap an operand that is not a tensor.

    Parameters
    ----------
    value : number or array_like
        The operand.
    like : ndarray or NumPy scalar
        The value that it meets.  Python numbers are weak (NEP 50): they take its dtype
        if that is floating point.
    """
    if value.__class__ in _WEAK:
        if like.__class__ is np.float64:
            return _constant_tensor(np.float64(value))
        if like.dtype.kind == "f":
            return _constant_tensor(like.dtype.type(value))
    data = value if hasattr(value, "__array_function__") else np.asarray(value)
    if data.dtype.kind not in "fiub":
        raise DTypeError(
            f"an operand must be a number, an array of numbers, or a Tensor; got "
            f"{_preview(value)} of type {type(value).__name__} (dtype {data.dtype})."
        )
    return _constant_tensor(data if data.ndim else data[()])


def describe(tensor: Tensor) -> str:
    """Return what a message says of a tensor: ``W1 (2, 3) float64 (a.py:8)``."""
    name = tensor.name or (
        "Tensor" if tensor.op is None else f"result of {tensor.op.name}"
    )
    site = f" ({tensor.created_at})" if tensor.created_at else ""
    return f"{name} {tensor.shape} {tensor.dtype}{site}"


def _as_value(data: Any, dtype: Any, copy: bool) -> Array:
    """Turn what the user wrote into a native array, or a NumPy scalar if 0-d."""
    if data.__class__ is float and dtype is None:
        return np.float64(data)
    if isinstance(data, Tensor):
        if not data.is_leaf:
            raise GradientError(
                f"Tensor({describe(data)}): wrapping a recorded result would cut the "
                f"graph. Use it as it is, or write .detach()."
            )
        data = data._data
    if not isinstance(data, np.ndarray | np.generic):
        data = _nested(data)
    if isinstance(data, np.ma.MaskedArray):
        raise DTypeError("Tensor: a masked array would lose its mask. Fill it first.")
    value = np.array(data, dtype=dtype, copy=True if copy else None)
    if value.dtype.kind not in "fiubUST":
        raise DTypeError(
            f"Tensor: cannot hold values of dtype {value.dtype}: {_preview(data)}. Use "
            f"real numbers; stack([...]) puts tensors together."
        )
    if not value.dtype.isnative:
        value = value.astype(value.dtype.newbyteorder("="))
    return value if value.ndim else value[()]


def _nested(data: Any) -> Any:
    """Turn Python numbers and lists into an array; plain integers become float64."""
    if _holds_tensor(data):
        raise DTypeError(
            "Tensor([...]): the list holds tensors, whose graph would be lost. "
            "Use autograd.stack([...])."
        )
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ShapeError(f"Tensor: {_ragged(data)}") from error
    return array.astype(np.float64) if array.dtype.kind in "iu" else array


def _holds_tensor(data: Any) -> bool:
    if isinstance(data, list | tuple):
        return any(isinstance(x, Tensor) or _holds_tensor(x) for x in data)
    return False


def _ragged(data: Sequence[Any]) -> str:
    """Say where a nested list stops being rectangular."""
    lengths = [len(x) if isinstance(x, Sequence) else None for x in data]
    for position, length in enumerate(lengths):
        if length != lengths[0]:
            return (
                f"the list is ragged: item 0 has length {lengths[0]}, item {position} "
                f"has length {length}. All rows must be equally long."
            )
    inner = next(x for x in data if isinstance(x, Sequence))
    return _ragged(inner) if len(inner) else "the list is ragged."


def _preview(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
