"""The lines of a derivation: the forward pass, then every step of the backward pass."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from autograd.derivation.calls import template
from autograd.derivation.expressions import Expression
from autograd.derivation.graph import Graph, engine_order
from autograd.derivation.names import names_of
from autograd.derivation.nodes import Node
from autograd.derivation.patterns import Numbers, simplified
from autograd.derivation.reading import Reader, Variable
from autograd.derivation.terms import (
    Below,
    Number,
    Term,
    Words,
    named,
    partial_of,
)
from autograd.symbol import index_text
from autograd.tensor import Tensor

__all__ = ["Block", "Line", "Working", "work_out"]

_GRADIENT = re.compile(r"\bG\b")
_OPERATIONS_A_LINE = 50  # more than any line holds
_NAMED_STEPS = 4  # operations that the note of a step names


@dataclass(frozen=True)
class Line:
    """One equation.

    Attributes
    ----------
    left : Term
        What is computed.
    parts : tuple of Expression
        What it is the sum of, one contribution for each path.
    notes : tuple of str
        Which operations each part goes through.
    is_simplified : bool
        Whether it is another form of the line before.
    formulas : tuple of str
        The parts as Python text: ``v3`` is the value number 3, and ``g3`` its gradient.
    tensor : Tensor
        The value that the line is about.
    """

    left: Term
    parts: tuple[Expression, ...]
    notes: tuple[str, ...]
    tensor: Tensor = field(repr=False)
    formulas: tuple[str, ...] = ()
    is_simplified: bool = False


@dataclass(frozen=True)
class Block:
    """The lines of one group (`autograd.scope`); a group may have several blocks."""

    scope: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Working:
    """A whole derivation.

    Attributes
    ----------
    result : Term
        The name of what is differentiated.
    forward, backward : tuple of Block
        The two passes.
    """

    result: Term
    forward: tuple[Block, ...]
    backward: tuple[Block, ...]
    graph: Graph = field(repr=False)


def work_out(
    cost: Tensor,
    name_of: Callable[[Tensor], str | None],
    wrt: Tensor | Iterable[Tensor] | None = None,
    max_lines: int = 400,
) -> Working:
    """Derive the gradients of a recorded result.

    Parameters
    ----------
    cost : Tensor
        A recorded tensor.
    name_of : callable
        Gives the user's name of a tensor, or None.
    wrt : Tensor or iterable of Tensor, optional
        The tensors whose gradients are wanted; by default all.
    max_lines : int, default 400
        The most steps.

    Raises
    ------
    ValueError
        If the derivation would have more steps, or the result does not depend on a
        tensor in ``wrt``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(2.0, name="x")
    >>> working = work_out(x * x, lambda t: t.name)
    >>> len(working.forward[0].lines), len(working.backward[0].lines)
    (1, 2)
    """
    operations = len(engine_order(cost))
    if operations > max_lines * _OPERATIONS_A_LINE:  # not worth reading any further
        raise _too_long(f"{operations} operations", max_lines)
    wanted = None if wrt is None else [wrt] if isinstance(wrt, Tensor) else list(wrt)
    graph = Graph(cost, name_of, wanted or ())
    steps = sum(1 for t in graph.quantities if t.requires_grad)
    if steps > max_lines:
        raise _too_long(f"{steps} steps", max_lines)
    writer = _Writer(graph, _needed(graph, wanted))
    return Working(writer.result, writer.forward(), writer.backward(), graph)


def _too_long(what: str, max_lines: int) -> ValueError:
    return ValueError(
        f"derivation: {what} are more than fit into max_lines={max_lines}. Derive a "
        f"smaller network of the same form, record arrays in place of single numbers, "
        f"or set max_lines."
    )


def _needed(graph: Graph, wanted: Sequence[Tensor] | None) -> set[Tensor]:
    """Return the tensors through which the wanted gradients flow."""
    everything = {t for node in graph.nodes for t in (*node.inputs, node.tensor)}
    if wanted is None:
        return everything
    for tensor in wanted:
        if tensor not in everything or not tensor.requires_grad:
            raise ValueError(
                f"derivation: the result does not depend on {tensor!r:.80}, which is "
                f"in wrt=."
            )
    needed = set(wanted)
    for node in reversed(graph.nodes):
        if any(x in needed for x in node.inputs):
            needed.add(node.tensor)
    return needed


class _Writer:
    """Writes the lines of one graph."""

    def __init__(self, graph: Graph, needed: set[Tensor]) -> None:
        self._graph = graph
        self._needed = needed
        self._numbers = Numbers(graph)
        self.terms = {t: named(name) for t, name in names_of(graph).items()}
        self.result = self._name_of_result()
        variables = {}
        for tensor, term in self.terms.items():
            word = graph.word(tensor)
            variables[word] = Variable(term, tensor.shape, tensor.dtype)
            variables[f"g{word[1:]}"] = Variable(
                partial_of(self.result, term), tensor.shape, tensor.dtype, True
            )
        self._reader = Reader(variables)
        self._makers = {node.tensor: node for node in graph.nodes}

    def _name_of_result(self) -> Term:
        """Return what gradients are gradients of: L, if the root is an array."""
        root = self._graph.root
        if root.size == 1:
            return self.terms[root]
        used = set(self.terms.values())
        return next(
            x for x in map(named, ("L", "J", "loss", "result")) if x not in used
        )

    # ---- forward ---------------------------------------------------------------------

    def forward(self) -> tuple[Block, ...]:
        """Return how each quantity is computed."""
        quantities = [t for t in self._graph.quantities if t in self._makers]
        return _blocks(
            (self._makers[t].scope, self._forward_line(t)) for t in quantities
        )

    def _forward_line(self, tensor: Tensor) -> Line:
        text = self._graph.formula(tensor)
        node = self._makers[tensor]
        right = self._reader.with_shapes(text) if text else self._template(node)
        left = _with_shape(self.terms[tensor], tensor.shape)
        return Line(left, (right,), ("",), tensor, (text,) if text else ())

    def _template(self, node: Node) -> Expression:
        """Return the forward formula of an operation from the LaTeX of its block."""
        inputs = [self._input(x) for x in node.inputs]
        op = node.tensor.op
        assert op is not None
        settings = node.tensor.settings
        words = {key: _setting(value) for key, value in settings.items()}
        if "index" in settings:
            words["index"] = _setting(index_text(settings["index"]))
        axis = settings.get("axis")
        axes = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
        latex = op.latex or rf"\operatorname{{{{{op.name}}}}}({{inputs}})"
        ndim = max(node.inputs[0].ndim, 1)
        return template(latex, inputs, words, axes, ndim)

    def _input(self, tensor: Tensor) -> Expression:
        word = self._graph.word(tensor) or repr(tensor.item())
        return self._reader.with_shapes(self._graph.expanded(word))

    # ---- backward --------------------------------------------------------------------

    def backward(self) -> tuple[Block, ...]:
        """Return the steps in the order in which the engine takes them."""
        graph = self._graph
        waiting = {x: len(uses) for x, uses in graph.consumers.items()}
        lines = [(graph.nodes[0].scope, self._seed())]
        for node in graph.nodes:
            for x in dict.fromkeys(node.inputs):
                waiting[x] -= sum(1 for y in node.inputs if y is x)
                done = not waiting[x] and x.requires_grad and x in self._needed
                if done and graph.is_quantity(x):
                    lines += [(node.scope, line) for line in self._steps(x)]
        return _blocks(lines)

    def _seed(self) -> Line:
        root = self._graph.root
        left = _with_shape(
            partial_of(self.result, self.terms[root]),
            root.shape if root.size > 1 else (),
        )
        one = Expression(Number("1")) if root.size == 1 else Expression(Words("given"))
        return Line(left, (one,), ("",), root)

    def _steps(self, tensor: Tensor) -> list[Line]:
        """Return the gradient of a quantity, and a simpler form if one is known."""
        graph = self._graph
        texts, notes = [], []
        for node, position in graph.consumers[tensor]:
            text, path, source = graph.contribution(node, position)
            if text:
                texts.append(_GRADIENT.sub(self._gradient(source), text))
                notes.append(_note(path, tensor, text))
        if not texts:
            return []
        parts = tuple(self._reader.with_shapes(text) for text in texts)
        left = partial_of(self.result, self.terms[tensor])
        marked = _with_shape(left, tensor.shape)
        lines = [Line(marked, parts, tuple(notes), tensor, tuple(texts))]
        short = simplified(graph, self._numbers, tensor)
        if short:
            right = self._reader.with_shapes(short)
            if "PRIMITIVES" in texts[0]:  # it says no more than that there is a rule
                lines = []
            if right.whole() != parts[0].whole():
                note = ("simplified; the numbers agree",)
                again = bool(lines)
                lines.append(Line(marked, (right,), note, tensor, (short,), again))
        return lines

    def _gradient(self, tensor: Tensor) -> str:
        if tensor is not self._graph.root or tensor.size != 1:
            return f"g{self._graph.word(tensor)[1:]}"
        return f"np.broadcast_to(1.0, {tensor.shape})" if tensor.ndim else "1.0"


def _note(path: Sequence[Node], tensor: Tensor, text: str) -> str:
    """Say which operations a step goes through, and whether copies are added up."""
    names = [node.name for node in path]
    if len(names) > _NAMED_STEPS:
        names[1:-2] = ["…"]
    through = ", ".join(names)
    last = path[-1]
    op = last.tensor.op
    broadcasts = op is not None and op.broadcasts and text.startswith("np.sum(")
    if broadcasts and tensor.shape != last.tensor.shape:
        return f"{through}; copies by broadcasting add up"
    return through


def _with_shape(term: Term, shape: tuple[int, ...]) -> Term:
    return Below(term, shape) if shape else term


def _setting(value: object) -> Term:
    if isinstance(value, int | float):
        text = f"{value:.6g}"
        return Number(text)
    text = str(value)
    return Words(text if len(text) <= 24 else "…")


def _blocks(lines: Iterable[tuple[tuple[str, ...], Line]]) -> tuple[Block, ...]:
    """Put neighbouring lines of one group together."""
    blocks: list[tuple[tuple[str, ...], list[Line]]] = []
    for scope, line in lines:
        if not blocks or blocks[-1][0] != scope:
            blocks.append((scope, []))
        blocks[-1][1].append(line)
    return tuple(Block(scope, tuple(lines)) for scope, lines in blocks)
