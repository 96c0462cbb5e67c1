"""Operations as a derivation shows them: mostly one of the engine's, sometimes several.

People write activations by hand.  These forms are recognised:

    1 / (1 + np.exp(-z)), as autograd.recognition    σ(z)
    e / np.sum(e, axis=k, keepdims=True), e = exp(z) softmax(z)
"""

from collections import Counter
from collections.abc import Callable, Sequence

from autograd.formula import expression, formula
from autograd.recognition import as_sigmoid
from autograd.tensor import Tensor

__all__ = ["Logistic", "Node", "Softmax", "recorded"]

Names = Callable[[Tensor], str]

_PATTERNS = {"cross_entropy", "sigmoid", "softmax", "log_softmax"}


class Node:
    """One operation of the engine.

    Parameters
    ----------
    tensor : Tensor
        Its result.
    """

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.inputs: tuple[Tensor, ...] = tensor.inputs
        assert tensor.op is not None
        self.name = tensor.op.name
        # Whether its inputs must be quantities: the rule is a call, or a pattern fits.
        self.needs_names = self.name in _PATTERNS or any(
            "PRIMITIVES" in text for text in tensor.op.formulas
        )

    @property
    def scope(self) -> tuple[str, ...]:
        """The group it was recorded in."""
        return self.tensor.scope

    def forward(self, names: Names) -> str:
        """Return what it computes, as Python text; empty if that cannot be written."""
        return expression(self.tensor, names)

    def product(self, position: int, names: Names) -> str:
        """Return the vector-Jacobian product for an input, as Python text."""
        return formula(self.tensor, position, names)


class Logistic(Node):
    """The logistic function, written by hand."""

    needs_names = True

    def __init__(self, tensor: Tensor, z: Tensor) -> None:
        self.tensor, self.inputs = tensor, (z,)
        self.name = "sigmoid"

    def forward(self, names: Names) -> str:
        """Return σ of the input."""
        return f"sigmoid({names(self.inputs[0])})"

    def product(self, position: int, names: Names) -> str:
        """Return G σ' with σ' = σ (1 - σ)."""
        out = names(self.tensor)
        return f"G * {out} * (1 - {out})"


class Softmax(Node):
    """The softmax along an axis, written by hand."""

    needs_names = True

    def __init__(self, tensor: Tensor, z: Tensor, axis: object) -> None:
        self.tensor, self.inputs = tensor, (z,)
        self.name = "softmax"
        self.axis = axis

    def forward(self, names: Names) -> str:
        """Return the softmax of the input."""
        return f"softmax({names(self.inputs[0])}, axis={self.axis})"

    def product(self, position: int, names: Names) -> str:
        """Return P (G - ΣGP)."""
        out = names(self.tensor)
        total = f"np.sum(G * {out}, axis={self.axis}, keepdims=True)"
        return f"{out} * (G - {total})"


def recorded(
    order: Sequence[Tensor], has_own_line: Callable[[Tensor], bool]
) -> list[Node]:
    """Return the operations behind tensors, hand-written activations as one.

    Parameters
    ----------
    order : sequence of Tensor
        The recorded tensors, each before its inputs.
    has_own_line : callable
        Whether a value must not disappear inside an activation.
    """
    uses = Counter(x for tensor in order for x in tensor.inputs)

    def is_inner(tensor: Tensor, name: str, count: int = 1) -> bool:
        """Return whether a tensor only serves the activation around it."""
        op = tensor.op
        if op is None or op.name != name or uses[tensor] != count:
            return False
        return not has_own_line(tensor)

    def logistic(tensor: Tensor) -> Found:
        found = as_sigmoid(tensor)
        if found is None or found.sign < 0 or not found.is_hidden(uses):
            return None
        if not found.parts or any(map(has_own_line, found.parts)):
            return None
        return Logistic(tensor, found.logits), set(found.parts)

    nodes: list[Node] = []
    hidden: set[Tensor] = set()
    for tensor in order:
        if tensor in hidden:
            continue
        found = logistic(tensor) or _softmax(tensor, is_inner)
        if found is None:
            nodes.append(Node(tensor))
        else:
            node, inner = found
            nodes.append(node)
            hidden |= inner
    return nodes


Found = tuple[Node, set[Tensor]] | None


def _softmax(tensor: Tensor, is_inner: Callable[..., bool]) -> Found:
    if tensor.op is None or tensor.op.name != "divide":
        return None
    powers, total = tensor.inputs
    if not is_inner(total, "sum") or not is_inner(powers, "exp", count=2):
        return None
    settings = total.settings
    if total.inputs[0] is not powers or not settings["keepdims"]:
        return None
    node = Softmax(tensor, powers.inputs[0], settings["axis"])
    return node, {powers, total}
