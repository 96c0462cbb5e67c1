"""``source(cost)``: the forward and the backward pass as readable NumPy."""

import ast
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.check.term_sizes import TermSizes
from autograd.engine import differentiate
from autograd.errors import GradientError, ShapeError
from autograd.graph_order import inputs_first
from autograd.program.dialects import in_dialect
from autograd.program.lines import Line, names_in, parse, replaced
from autograd.program.names import Identifiers, Names
from autograd.program.patterns import shortcuts
from autograd.program.printing import printed
from autograd.program.recording import backward_lines, forward_lines
from autograd.program.sharing import inlined, live, ordered, shared, without_views
from autograd.program.simplify import simplified
from autograd.program.softmax import softmax_shortcuts
from autograd.program.values import Values
from autograd.tensor import Tensor, describe

__all__ = ["Program", "program", "source"]


@dataclass
class Program:
    """The lines of both passes, and what they read and give.

    Attributes
    ----------
    parameters : dict of str to Tensor
        The leaves that require a gradient, by identifier.
    data : dict of str to ndarray
        The constant arrays.
    forward, backward : list of Line
        In order.
    cost : str
        The result of the forward pass.
    gradients : dict of str to str
        Parameter -> the variable that holds its gradient.
    values : Values
        What every variable is at the recorded point.
    notes : list of str
        What the backward pass rests on at that point, as sentences.
    """

    parameters: dict[str, Tensor]
    data: dict[str, Any]
    forward: list[Line]
    backward: list[Line]
    cost: str
    gradients: dict[str, str]
    values: Values
    notes: list[str]

    @property
    def cache(self) -> list[str]:
        """The values of the forward pass that it hands out, in order."""
        read = {name for line in self.backward for name in names_in(line.expression)}
        return [
            line.target
            for line in self.forward
            if line.target in read or (line.known and line.target != self.cost)
        ]


def source(
    cost: Tensor,
    wrt: Sequence[Tensor] | None = None,
    names: Names = None,
    *,
    dialect: str = "numpy",
) -> str:
    """Write down the forward and the backward pass of a graph as Python source.

    Parameters
    ----------
    cost : Tensor
        A recorded result with one element.
    wrt : sequence of Tensor, optional
        The leaves whose gradients are computed; by default all that require one.
    names : mapping or sequence of mapping, optional
        What variables are called: ``locals()``, or dicts such as the article's
        ``parameters`` and ``cache``. Tensors' own names count as well.
    dialect : {"numpy", "torch", "jax"}, default "numpy"
        For "torch" and "jax" only the forward pass is printed, in their words: there
        the backward pass is theirs.

    Returns
    -------
    str
        A module with ``forward(parameters, *data) -> (cost, cache)`` and
        ``backward(parameters, cache, *data) -> dict`` of gradients, the two functions
        that `check_backward` takes. Shapes stand beside the lines as comments. Where
        only NumPy is needed, it imports nothing else; what NumPy has no function for is
        called by its name in `autograd`.

    Raises
    ------
    GradientError
        If ``cost`` depends on nothing that requires a gradient, or a tensor of ``wrt``
        is not a leaf behind it.
    ShapeError
        If ``cost`` has more than one element.
    ValueError
        If ``dialect`` is another word, or has no word for an operation of the graph.

    Notes
    -----
    The lines come from the rules that `Tensor.backward` runs. Lines that nothing needs
    are left out, common parts are computed once, and simplifications that keep the
    value are made. Sigmoid with cross-entropy becomes ``A - Y``; softmax with
    cross-entropy becomes ``P - T`` where ``T`` sums to 1 over the classes, which a
    comment then says. Before the text is returned it is run, and must give the
    gradients of the engine to a relative 1e-9 (1e-4 in float32).

    The text describes this one graph: numbers, shapes and the way that was taken at an
    ``if`` are those of the recorded point.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd as ag
    >>> x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 0.0])
    >>> w = ag.Tensor([0.1, 0.2], name="w")
    >>> error = x @ w - y
    >>> cost = np.sum(error * error)
    >>> text = ag.source(cost, names=locals())
    >>> print(text[text.index("def backward") :])
    def backward(parameters, cache, x, y):
        error = cache["error"]
        derror = 2 * error  # (2,)
        dw = x.T @ derror  # (2,)
        return {"dw": dw}
    <BLANKLINE>
    """
    lines = program(cost, wrt, names)
    text = printed(lines)
    _check(text, lines, cost)
    return text if dialect == "numpy" else in_dialect(dialect, lines)


def program(
    cost: Tensor, wrt: Sequence[Tensor] | None = None, names: Names = None
) -> Program:
    """Return the lines of both passes of a graph; see `source`."""
    _require_one_number(cost)
    order = inputs_first(cost)
    leaves = [x for x in order if x.op is None and x.requires_grad]
    wanted = leaves if wrt is None else list(wrt)
    for tensor in wanted:
        if all(tensor is not leaf for leaf in leaves):
            raise GradientError(
                f"source: wrt holds {describe(tensor)}, which is no leaf behind "
                f"{describe(cost)} that requires a gradient."
            )
    ids = Identifiers(order, names)
    values = Values({ids[t]: t.data for t in order if ids[t]}, cost.dtype)
    gradients = {ids[t]: ids.gradient(t) for t in wanted}
    forward = [
        _simpler(line, values, as_written=True)
        for line in forward_lines(order, ids, values)
    ]
    known = {**softmax_shortcuts(order, ids), **shortcuts(order, ids)}
    products = backward_lines(order, wanted, ids, values, known)
    met_gradients = {line.target for line in products}
    values.add(ids.constants)
    backward = []
    for line in live(products, gradients.values()):
        backward.append(_simpler(line, values))
        values.set(line.target, backward[-1].expression)
    data = {
        ids[t]: t.data for t in order if t.op is None and not t.requires_grad and ids[t]
    } | ids.constants
    derived = _derived(data, {ids[t] for t in ids.known})
    both = [
        Line(line.target, replaced(line.expression, derived), line.known)
        for line in live([*forward, *backward], [*gradients.values(), ids[cost]])
    ]
    forward, backward = _tidied(both, ids[cost], gradients.values(), values)
    both = [*forward, *backward]
    # Everything in the order in which the lines need it.
    met = {name: None for line in both for name in names_in(line.expression)}
    leaf = {ids[t]: t for t in leaves}
    return Program(
        parameters={**{n: leaf[n] for n in met if n in leaf}, **leaf},
        data={name: data[name] for name in met if name in data},
        forward=forward,
        backward=ordered(backward, set(gradients.values())),
        cost=ids[cost],
        gradients={**{n: gradients[n] for n in met if n in gradients}, **gradients},
        values=values,
        notes=[
            shortcut.note
            for start, shortcut in known.items()
            if shortcut.note and ids.gradient(start) in met_gradients
        ],
    )


def _simpler(line: Line, values: Values, *, as_written: bool = False) -> Line:
    expression = simplified(line.expression, values, as_written=as_written)
    return Line(line.target, expression, line.known)


def _tidied(
    lines: list[Line], cost: str, gradients: Collection[str], values: Values
) -> tuple[list[Line], list[Line]]:
    """Share common parts and write short ones in place, until nothing changes."""
    keep = {cost, *gradients}
    lines = without_views(lines)
    before: list[str] = []
    while before != (before := [str(line) for line in lines]):
        lines = shared(lines, [line.target for line in lines])
        for line in lines:
            values.set(line.target, line.expression)
        last = next(k for k, line in enumerate(lines) if line.target == cost)
        read = {n for line in lines[last + 1 :] for n in names_in(line.expression)}
        forward = inlined(lines[: last + 1], keep | read)
        backward = [_simpler(line, values) for line in inlined(lines[last + 1 :], keep)]
        lines = live([*forward, *backward], keep)
    last = next(k for k, line in enumerate(lines) if line.target == cost)
    return lines[: last + 1], lines[last + 1 :]


def _derived(data: dict[str, Any], known: Collection[str]) -> dict[str, ast.expr]:
    """Return constants without a name that were made from one with a name: 1 - Y."""
    found: dict[str, ast.expr] = {}
    for name, array in data.items():
        if name in known or array.size < 2:
            continue
        for other in (n for n in data if n in known):
            for text in (f"1 - {other}", f"-{other}", f"{other}.T"):
                value = eval(text, {other: data[other]})  # our own text
                if name not in found and _is_equal(value, array):
                    found[name] = parse(text)
    return found


def _is_equal(a: Any, b: Any) -> bool:
    return a.dtype.kind in "fiu" and np.array_equal(a, b)


def _require_one_number(cost: Tensor) -> None:
    if not isinstance(cost, Tensor):
        raise TypeError(f"source: needs a recorded Tensor, got {type(cost).__name__}.")
    if cost.size != 1:
        raise ShapeError(
            f"source: {describe(cost)} has {cost.size} elements; a backward pass "
            f"starts at one number. Take its sum or mean."
        )
    if cost.op is None:
        raise GradientError(
            f"source: {describe(cost)} was not computed from anything that requires a "
            f"gradient, so there is no backward pass to write."
        )


def _check(text: str, lines: Program, cost: Tensor) -> None:
    """Raise unless the text, run at the recorded point, gives the right gradients."""
    module: dict[str, Any] = {}
    exec(compile(text, "<source>", "exec"), module)  # our own text
    parameters = {name: t.data for name, t in lines.parameters.items()}
    data = list(lines.data.values())
    with np.errstate(all="ignore"):
        _, cache = module["forward"](parameters, *data)
        found = module["backward"](parameters, cache, *data)
    wanted = [lines.parameters[name] for name in lines.gradients]
    seed = np.ones_like(cost.data)
    true = differentiate(cost, seed if seed.ndim else seed[()], wanted, record=False)
    for name, right in zip(lines.gradients, true, strict=True):
        leaf = lines.parameters[name]
        expected = np.zeros(leaf.shape) if right is None else right
        got = found.get(f"d{name}")
        if got is None or not _is_close(got, expected, leaf, cost):
            raise GradientError(
                f"source: the generated line of {lines.gradients[name]} does not give "
                f"the gradient that backward() gives; please report this graph.\n{text}"
            )


def _is_close(got: Any, expected: Any, leaf: Tensor, cost: Tensor) -> bool:
    rtol = 1e-9 if expected.dtype == np.float64 else 1e-4
    atol = rtol * float(np.max(np.abs(expected), initial=0))
    if np.allclose(got, expected, rtol=rtol, atol=atol, equal_nan=True):
        return True
    # Terms that cancel, as for a bias before a normalisation, leave their rounding.
    atol = rtol * TermSizes(cost)[leaf]
    return math.isfinite(atol) and np.allclose(got, expected, rtol=rtol, atol=atol)
