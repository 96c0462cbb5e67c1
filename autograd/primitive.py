"""One operation, one block: the ``@primitive`` decorator and the table of operations.

The block in ``autograd/ops`` holds a forward function and one derivative rule per
input:

    @primitive(vjps=(lambda g, out, x: g * (1 - out * out),), symbol="tanh")
    def tanh(x):
        return np.tanh(x)

A rule is a vector-Jacobian product: from the cotangent ``g`` of the result, the result
``out``, the inputs and the settings it computes the cotangent of one input.  From the
block come the public function, the method, the operator and the NumPy dispatch.
"""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.engine import clock
from autograd.explain import explain
from autograd.numpy_protocol import DIFFERENTIABLE
from autograd.numpy_without_gradient import is_plain
from autograd.recording import Recording, current
from autograd.tensor import Tensor, constant, record

if TYPE_CHECKING:
    import inspect

__all__ = ["PRIMITIVES", "Fused", "Primitive", "composed", "primitive"]

Rule = Callable[..., Any]

# name -> operation, in the order of definition
PRIMITIVES: dict[str, "Primitive"] = {}


# The default of a parameter that has none.
REQUIRED = object()


class Fused(NamedTuple):
    """A second implementation of an operation, for plain arrays only.

    It may work in place and keep intermediate results, which the rules cannot: those
    must run on tensors as well. It is worth its lines only where a benchmark shows a
    gain of 1.3 or more; a test holds both implementations equal.

    Attributes
    ----------
    forward : callable
        ``forward(*arrays, **settings) -> (out, saved)``, where ``saved`` is whatever
        the backward pass can use, and is not None.
    backward : callable
        ``backward(g, out, saved, needs, *arrays, **settings)`` returns one cotangent
        per input; ``needs`` holds one bool per input, and where it is False the
        cotangent may be None. It changes none of its arguments.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]


class Primitive:
    """The record of one operation.

    Attributes
    ----------
    name : str
        The name of the public function.
    forward : callable
        Computes the value: ``forward(*arrays, **settings)``.
    vjps : tuple of callable or None
        One rule per input: ``rule(g, out, *inputs, **settings)``.  None for an input
        that cannot be differentiated, such as a condition.
    symbol : str
        What a drawing shows in the operation's circle.
    latex : str
        The forward formula, with ``{0}``, ``{1}`` for the inputs.
    formulas : tuple of str
        One Python expression per rule, with ``G`` for the cotangent, ``{0}`` and
        ``{1}`` for the inputs and ``{out}`` for the result; empty where the rule itself
        can be printed.
    samples : list of tuple
        Inputs on which the tests check the rules; a trailing dict holds settings.
    elementwise : bool
        Whether each element of the result depends on the matching elements only.
    broadcasts : bool
        Whether the inputs are broadcast, so that rules may return the larger shape.
    plain : bool
        Whether it has one or two inputs and no settings: the public function is short.
    pointwise : bool
        Whether it is plain and elementwise: the engine has a short way for 0-d values.
    vjp_a, vjp_b : callable or None
        The first and the last rule, for that short way.
    sequence : bool
        Whether the function takes one sequence of arrays in place of single inputs.
    fused : Fused or None
        A faster second implementation for arrays.
    add_into : callable or None
        ``add_into(buffer, g, **settings)`` adds the only input's product in place.
    own_products : callable or None
        ``own_products(saved, g)`` gives the products for the inputs that require a
        gradient, in the shapes and dtypes of those and in memory of their own, so that
        nothing need be checked or copied.
    parameters : dict of str to object
        The parameters of the public function and their defaults, `REQUIRED` for none.
    function : callable
        The public function.
    """

    __slots__ = (
        "add_into",
        "broadcasts",
        "elementwise",
        "formulas",
        "forward",
        "function",
        "fused",
        "latex",
        "name",
        "own_products",
        "parameters",
        "plain",
        "pointwise",
        "samples",
        "sequence",
        "symbol",
        "vjp_a",
        "vjp_b",
        "vjps",
    )

    def __init__(
        self,
        forward: Callable[..., Any],
        vjps: Sequence[Rule | None],
        *,
        name: str,
        symbol: str,
        latex: str,
        formulas: Sequence[str],
        samples: Sequence[Any],
        elementwise: bool,
        broadcasts: bool,
        sequence: bool,
        fused: Fused | None,
        add_into: Callable[..., None] | None = None,
    ) -> None:
        self.name = name
        self.forward = forward
        self.vjps = tuple(vjps)
        self.symbol = symbol
        self.latex = latex
        self.formulas = tuple(formulas)
        self.samples = list(samples)
        self.elementwise = elementwise
        self.broadcasts = broadcasts
        self.sequence = sequence
        self.fused = fused
        self.add_into = add_into
        self.own_products: Callable[[Any, Any], Sequence[Any]] | None = None
        self.function: Callable[..., Any] = forward
        self.parameters = _parameters(forward)
        inputs = len(self.vjps)
        few = len(self.parameters) == inputs <= 2
        self.plain = few and not sequence and not fused and None not in self.vjps
        self.pointwise = self.plain and elementwise
        self.vjp_a = self.vjps[0]
        self.vjp_b = self.vjps[-1]

    @property
    def signature(self) -> "inspect.Signature":
        """The signature of the public function."""
        import inspect  # takes as long to import as all of this package

        return inspect.signature(self.forward)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def rule(self, position: int) -> Rule | None:
        """Return the vector-Jacobian product for the input at a position."""
        if self.sequence:
            assert self.vjps[0] is not None
            return functools.partial(self.vjps[0], position)
        return self.vjps[position]

    def compute(self, values: Sequence[Any], settings: dict[str, Any]) -> Any:
        """Compute the value from arrays."""
        if self.sequence:
            return self.forward(values, **settings)
        return self.forward(*values, **settings)


def primitive(
    *,
    vjps: Sequence[Rule | None],
    symbol: str | None = None,
    latex: str = "",
    formulas: Sequence[str] = (),
    samples: Sequence[Any] = (),
    elementwise: bool = False,
    broadcasts: bool = False,
    sequence: bool = False,
    fused: Fused | None = None,
    add_into: Callable[..., None] | None = None,
    numpy: Sequence[Callable[..., Any]] | None = None,
    operator: str | None = None,
    method: bool | Callable[..., Any] = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turn a forward function into a differentiable operation.

    The first ``len(vjps)`` parameters of the function are its inputs; the others are
    settings, which reach the rules as keywords. Inputs whose default is None may be
    left out from the right, such as a bias; the rules then do not get them either.

    Parameters
    ----------
    vjps : sequence of callable or None
        One rule per input, ``rule(g, out, *inputs, **settings)``. A rule uses operators
        and NumPy functions only, so that it can itself be differentiated. With
        ``sequence=True`` there is one rule, ``rule(i, g, out, *inputs, **settings)``.
    symbol : str, optional
        What a drawing shows; by default the name.
    latex : str, optional
        The forward formula, with ``{0}``, ``{1}`` for the inputs.
    formulas : sequence of str, optional
        One expression per rule, for rules whose text cannot be printed from the rule;
        empty for those that can.
    samples : sequence of tuple, optional
        Inputs for the tests, a trailing dict being settings.
    elementwise : bool, default False
        Each element of the result depends on the matching elements of the inputs only.
    broadcasts : bool, default False
        The inputs are broadcast in some axes; implied by ``elementwise``.
    sequence : bool, default False
        The first parameter is a sequence of arrays.
    fused : Fused, optional
        A faster second implementation for arrays.
    add_into : callable, optional
        ``add_into(buffer, g, **settings)`` adds the vector-Jacobian product for the
        only input to an array in place, for a product that is mostly zeros.
    numpy : sequence of callable, optional
        The NumPy functions that this one stands for.  By default it is the one of its
        name, unless chalkgrad knows that one already.
    operator : str, optional
        The Python operator, without underscores: ``"add"`` for ``__add__``.
    method : bool or callable, default True
        Whether tensors get it as a method, or the method where its signature differs.

    Returns
    -------
    callable
        A decorator.  What it returns takes tensors, arrays and numbers, and gives an
        array where it was given no tensor.

    Notes
    -----
    A user's operation gets arrays that it cannot write to, and what it returns is
    copied.  It replaces nothing of chalkgrad's: it becomes a method only where tensors
    have no such attribute, and a ``tanh`` of one's own leaves ``np.tanh`` alone.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, primitive
    >>> @primitive(vjps=(lambda g, out, x: g * 3 * x**2,), elementwise=True)
    ... def cube(x):
    ...     return x**3
    >>> x = Tensor(2.0)
    >>> cube(x).backward()
    >>> x.grad
    np.float64(12.0)
    """

    def decorate(forward: Callable[..., Any]) -> Callable[..., Any]:
        name = forward.__name__.lstrip("_")
        ours = _is_ours(forward)
        op = Primitive(
            forward if ours else _guarded(forward),
            vjps if ours else [rule and _guarded(rule) for rule in vjps],
            name=name,
            symbol=symbol or name,
            latex=latex,
            formulas=formulas,
            samples=samples,
            elementwise=elementwise,
            broadcasts=broadcasts or elementwise,
            sequence=sequence,
            fused=fused if ours or fused is None else Fused(*map(_guarded, fused)),
            add_into=add_into,
        )
        function = functools.wraps(forward)(_public_function(op))
        function.op = op  # type: ignore[attr-defined]
        op.function = function
        free = ours or name not in PRIMITIVES or not _is_ours(PRIMITIVES[name].forward)
        PRIMITIVES[name if free else f"{forward.__module__}.{name}"] = op
        theirs = numpy
        if theirs is None:
            found = [getattr(np, name)] if hasattr(np, name) else []
            theirs = [f for f in found if ours or not _is_handled(f)]
        free = ours or not _is_ours(getattr(Tensor, name, None))
        composed(numpy=theirs, method=method if free else False)(function)
        if operator:
            setattr(Tensor, f"__{operator}__", function)
            if len(op.vjps) == 2:
                setattr(Tensor, f"__r{operator}__", lambda b, a: function(a, b))
        return function

    return decorate


def _is_ours(thing: Any) -> bool:
    """Return whether something belongs to this project, not to a user's operation."""
    if thing is None:
        return False
    return str(getattr(thing, "__module__", "autograd.")).startswith("autograd.")


def _is_handled(function: Callable[..., Any]) -> bool:
    """Return whether tensors may be given to a NumPy function already."""
    return is_plain(function) or _is_ours(DIFFERENTIABLE.get(function))


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a user's function from sharing memory with the graph.

    It gets read-only views, because others see the arrays as well, and what it returns
    is copied, because the sweep adds to it in place.
    """

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return _copied(function(*map(_read_only, args), **kwargs))

    return guarded


def _read_only(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    elif type(value) in (list, tuple):
        return type(value)(map(_read_only, value))
    return value


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(map(_copied, value))
    return value


def composed(
    *,
    numpy: Sequence[Callable[..., Any]] = (),
    method: bool | Callable[..., Any] = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Offer a function that is made of operations under NumPy's names, and as a method.

    Parameters
    ----------
    numpy : sequence of callable
        The NumPy functions that it stands for, with the same signature.
    method : bool or callable, default True
        Whether tensors get it as a method, or the method where its signature differs.
    """

    def offer(function: Callable[..., Any]) -> Callable[..., Any]:
        for theirs in numpy:
            DIFFERENTIABLE[theirs] = function
        if method:
            name = function.__name__.lstrip("_")
            setattr(Tensor, name, function if method is True else method)
        return function

    return offer


def _public_function(op: Primitive) -> Callable[..., Any]:
    if not op.plain:
        return _general_function(op)
    return _unary_function(op) if len(op.vjps) == 1 else _binary_function(op)


# The next two write out what `_general_function` and `record` do for 0-d float64
# values and for arrays, because a scalar graph has millions of them, and the operators
# of an array graph are most of its nodes: no argument tuple, no further call, and the
# details of the scope instead of new ones.

_new = Tensor.__new__
_float64 = np.float64
_ndarray = np.ndarray


def _unary_function(op: Primitive) -> Callable[..., Any]:
    forward = op.forward

    def function(x: Any) -> Any:
        if x.__class__ is not Tensor:
            return _on_plain(op, (x,))
        state = current()
        if not state.is_usual:
            return _apply(op, (x,), {})
        try:
            data = forward(x._data)
        except Exception as error:
            raise explain(op, (x,), error) from error
        kind = data.__class__
        if kind is not _float64 and (
            kind is not _ndarray or state.lines or not data.ndim
        ):
            return record(data, op, (x,), None, state)
        out = _new(Tensor)
        out._data = data
        out.grad = out._cotangent = out._b = None
        out._details = state.details
        out._version = clock.now
        if x._op is not None:
            out._op = op
            out._a = x
        elif kind is _ndarray or x._details.cut is not None:
            return record(data, op, (x,), None, state)
        else:
            out._op = out._a = None
        return out

    return function


def _binary_function(op: Primitive) -> Callable[..., Any]:
    forward = op.forward

    def function(a: Any, b: Any) -> Any:
        if b.__class__ is not Tensor:
            if a.__class__ is not Tensor or (op.elementwise and _holds_objects(b)):
                return _on_plain(op, (a, b))
            b = constant(b, a._data)
        elif a.__class__ is not Tensor:
            if op.elementwise and _holds_objects(a):
                return _on_plain(op, (a, b))
            a = constant(a, b._data)
        state = current()
        if not state.is_usual:
            return _apply(op, (a, b), {})
        try:
            data = forward(a._data, b._data)
        except Exception as error:
            raise explain(op, (a, b), error) from error
        kind = data.__class__
        if kind is not _float64 and (
            kind is not _ndarray or state.lines or not data.ndim
        ):
            return record(data, op, (a, b), None, state)
        out = _new(Tensor)
        out._data = data
        out.grad = out._cotangent = None
        out._details = state.details
        out._version = clock.now
        if a._op is not None or b._op is not None:
            out._op = op
            out._a = a
            out._b = b
        elif kind is _ndarray or a._details.cut or b._details.cut:
            return record(data, op, (a, b), None, state)
        else:
            out._op = out._a = out._b = None
        return out

    return function


def _general_function(op: Primitive) -> Callable[..., Any]:
    n = len(op.vjps)
    parameters = op.parameters
    defaults = dict(list(parameters.items())[n:])
    names = list(defaults)
    required = {name for name in names if defaults[name] is REQUIRED}

    def function(*args: Any, **kwargs: Any) -> Any:
        if len(args) == n and not kwargs and not required:
            return _apply(op, _given(op, args), defaults)
        by_place = dict(zip(names, args[n:], strict=False))
        if len(args) == len(parameters) and not kwargs:
            return _apply(op, _given(op, args[:n]), by_place)
        settings = {**defaults, **by_place, **kwargs}
        usual = (
            n <= len(args) <= len(parameters)
            and len(settings) == len(names)
            and (not required or required <= {*by_place, *kwargs})
            and not (kwargs and by_place.keys() & kwargs.keys())
        )
        if usual:
            args = args[:n]
        else:
            args, settings = _bind(op, args, kwargs)
        return _apply(op, _given(op, args), settings)

    return function


def _given(op: Primitive, args: Any) -> Any:
    """Return the inputs of a call, without those that were left out, such as a bias."""
    inputs = tuple(args[0]) if op.sequence else args
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    return inputs


def _parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the parameters of a function and their defaults, as `inspect` would."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    by_place = function.__defaults__ or ()
    found: dict[str, Any] = dict.fromkeys(code.co_varnames[:count], REQUIRED)
    optional = code.co_varnames[code.co_argcount - len(by_place) : code.co_argcount]
    found.update(zip(optional, by_place, strict=True))
    found.update(function.__kwdefaults__ or {})
    return found


def _bind(
    op: Primitive, args: Any, kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Split the arguments of an unusual call into inputs and settings."""
    try:
        bound = op.signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{op.name}{op.signature} on tensors: {error}.") from None
    bound.apply_defaults()
    values = tuple(bound.arguments.values())
    n = len(op.vjps)
    return values[:n], dict(zip(list(bound.arguments)[n:], values[n:], strict=True))


def _apply(op: Primitive, inputs: Sequence[Any], settings: dict[str, Any]) -> Any:
    """Compute an operation on tensors and other values, and record it."""
    tensors = inputs
    for x in inputs:
        if x.__class__ is not Tensor:
            values = [x._data for x in inputs if x.__class__ is Tensor]
            if not values:
                return _on_plain(op, inputs, settings)
            tensors = _as_tensors(inputs, values)
            break
    state = current()
    try:
        if state.debugger is None:
            data, saved = _compute(op, tensors, settings, state)
        else:
            with np.errstate(all="ignore"):  # the check below says more
                data, saved = _compute(op, tensors, settings, state)
    except Exception as error:
        raise explain(op, tensors, error) from error
    out = record(data, op, tensors, settings or None, state)
    out._details.saved = saved
    if state.debugger is not None:
        state.debugger.check_forward(out, op, tensors)
    return out


def _as_tensors(inputs: Sequence[Any], values: Sequence[Any]) -> list[Tensor]:
    """Wrap the inputs that are no tensors; Python numbers take the others' dtype."""
    like = values[0]
    if len({value.dtype for value in values}) > 1:
        like = np.empty((), np.result_type(*values))
    return [x if x.__class__ is Tensor else constant(x, like) for x in inputs]


def _compute(
    op: Primitive, inputs: Sequence[Tensor], settings: dict[str, Any], state: Recording
) -> tuple[Any, Any]:
    """Return the value of an operation, and what its fused form keeps for later."""
    arrays = [x._data for x in inputs]
    if op.fused and state.enabled and any([x._op is not None for x in inputs]):
        return op.fused.forward(*arrays, **settings)  # type: ignore[no-any-return]
    return op.compute(arrays, settings), None


def _on_plain(
    op: Primitive, inputs: Sequence[Any], settings: dict[str, Any] | None = None
) -> Any:
    """Compute on values that are no tensors; arrays of scalar tensors cell by cell."""
    if op.elementwise and any(_holds_objects(x) for x in inputs):
        function = functools.partial(op.function, **(settings or {}))
        return np.frompyfunc(function, len(inputs), 1)(*inputs)
    return op.compute(inputs, settings or {})


def _holds_objects(value: Any) -> bool:
    """Return whether a value is an array of scalar tensors, as `scalars` makes them."""
    return isinstance(value, np.ndarray) and value.dtype == object
