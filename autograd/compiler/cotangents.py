"""What has arrived at each tensor of a backward pass, and how it is added up."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.forward import ForwardWriter
from autograd.compiler.lines import Line, dtype_text
from autograd.compiler.operands import Operand
from autograd.compiler.trace import View
from autograd.tensor import Tensor

__all__ = ["CotangentWriter"]

_FEWEST_PRODUCTS = 4  # that are computed as one
_MOST_PARTS = 255  # of an array that are counted


class CotangentWriter(ForwardWriter):
    """Writes the sums of cotangents; its parameters are those of `ArrayPlan`.

    Two kinds of sums are written as one line: many products ``A.T @ B``, such as those
    of a weight that every step of a loop uses, and the parts of an array.
    """

    def __init__(
        self,
        order: Sequence[Tensor],
        sources: Sequence[Any],
        wanted: Sequence[bool],
        views: Mapping[Any, View],
    ) -> None:
        super().__init__(order, sources, wanted, views)
        self._uses = Counter([x for t in order for x in t.inputs])
        self._gradients: dict[Tensor, Operand] = {}
        self._parts: dict[Tensor, list[tuple[Tensor, Operand]]] = defaultdict(list)
        self._products: dict[Tensor, list[tuple[int, Operand, Operand]]]
        self._products = defaultdict(list)

    def _has_arrived(self, x: Tensor) -> bool:
        return x in self._gradients or x in self._parts or x in self._products

    def _arrive(self, x: Tensor, product: Operand) -> None:
        """Add a product to the cotangent of an input."""
        before = self._gradients.get(x)
        if before is not None:
            target = f"g_{self._name_of(x)}"
            product = self._lowering.ufunc("add", (before, product), target)
        if not product.is_array or product.spread is not None:
            product = self._numbered(product, f"g_{self._name_of(x)}")
        self._gradients[x] = product

    def _cotangent(self, x: Tensor) -> Operand:
        """Return all that has arrived at a tensor."""
        for product in self._stacked(self._products.pop(x, [])):
            self._arrive(x, product)
        if x in self._parts:
            self._gradients[x] = self._collected(x, self._parts.pop(x))
        return self._gradients[x]

    def _put_off(self, x: Tensor, text: str, names: Mapping[str, Operand]) -> bool:
        """Keep a product A.T @ B for later, if many are added up: it is one then."""
        if self._uses[x] < _FEWEST_PRODUCTS or x.ndim != 2:
            return False
        node: Any = ast.parse(text, mode="eval").body
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.MatMult):
            return False
        left = _transposed(node.left)
        right = node.right if left is not None else _transposed(node.right)
        left = node.left if left is None else left
        if right is None:
            return False
        axis = 0 if left is not node.left else 1
        try:
            a, b = (
                self._lowering.settled(self._lowering.parts(ast.unparse(part), names))
                for part in (left, right)
            )
        except Exception:  # then the rule is called
            return False
        if a.value.ndim != 2 or b.value.ndim != 2:
            return False
        self._products[x].append((axis, a, b))
        return True

    def _stacked(
        self, products: Sequence[tuple[int, Operand, Operand]]
    ) -> Iterator[Operand]:
        """Yield products; many of one kind as one product of all their rows."""
        for axis in (0, 1):
            pairs = [(a, b) for k, a, b in products if k == axis]
            if len(pairs) >= _FEWEST_PRODUCTS:
                stacks = [
                    self._lowering.joined(list(x), axis)
                    for x in zip(*pairs, strict=True)
                ]
                pairs = [(stacks[0], stacks[1])]
            for a, b in pairs:
                a, b = (a, _turned(b)) if axis else (_turned(a), b)
                yield self._lowering.product(a, b, "")

    def _collected(self, x: Tensor, parts: Sequence[tuple[Tensor, Operand]]) -> Operand:
        """Write the cotangents of parts of an array into one array."""
        parts = [(t, self._lowering.settled(g)) for t, g in parts]
        like = self._operands[x].value
        name = self._lowering.fresh(f"g_{self._name_of(x)}")
        value = np.zeros_like(like)  # laid out alike, so that views stay views
        shape = f"{like.shape}, {dtype_text(like.dtype)}"
        made = Line(
            (name,), f"np.empty({shape})", frozenset(), (value,), takes_out=True
        )
        made.is_empty = True
        self._lines.append(made)
        other = self._gradients.get(x)
        indices = [t.settings["index"] for t, _ in parts]
        covers = other is None and _cover_once(indices, like.shape)
        if other is not None:
            other = self._lowering.settled(other)
            self._do(f"np.copyto({name}, {other.text})", name, other.names)
            value += other.value
        elif not covers:
            self._do(f"{name}.fill(0)", name, frozenset())
        for t, g in parts:
            op: Any = t.op
            settings, names = self._settings(t)
            if covers:
                index = settings.removeprefix(", index=")
                self._do(f"{name}[{index}] = {g.text}", name, names | g.names)
            else:
                function = self._function(f"add_{op.name}", op.add_into)
                text = f"{function}({name}, {g.text}{settings})"
                self._do(text, name, names | g.names)
            op.add_into(value, g.value, **t.settings)
        return Operand(name, value, frozenset([name]))

    def _do(self, text: str, name: str, reads: frozenset[str]) -> None:
        """Write a line that changes an array."""
        self._lines.append(Line((), text, reads | {name}, ()))

    def _name_of(self, x: Tensor) -> str:
        text = self._texts.get(x) or self._operands[x].text
        return text if text.isidentifier() else self._id(x).replace("x_", "x")


def _transposed(node: Any) -> Any:
    """Return A of an expression ``A.T``."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return None


def _turned(x: Operand) -> Operand:
    return Operand(f"{x.text}.T", x.value.T, x.names)


def _cover_once(indices: Sequence[Any], shape: tuple[int, ...]) -> bool:
    """Return whether parts of an array are all of it, and none is there twice."""
    if len(indices) > _MOST_PARTS:
        return False
    count = np.zeros(shape, np.uint8)
    for index in indices:
        parts = index if isinstance(index, tuple) else (index,)
        if not all([type(p) in (int, slice) for p in parts]):
            return False
        if not 0 < len(parts) <= len(shape):
            return False
        count[index] += 1
    return bool(np.all(count == 1))
