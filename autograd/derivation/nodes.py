"""Operations as a derivation shows them: mostly one of the engine's, sometimes several.

People write activations by hand.  These forms are recognised:

    1 / (1 + np.exp(-z)), as autograd.recognition    σ(z)
    e / np.sum(e, axis=k, keepdims=True), e = exp(z) softmax(z)
"""

from collections import Counter
from collections.abc import Callable, Sequence

from autograd import recognition
from autograd.formula import expression, formula
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

    def is_inner(found: recognition.Sigmoid | recognition.Softmax) -> bool:
        """Return whether the steps only serve the activation around them."""
        alone = bool(found.parts) and found.is_hidden(uses)
        return alone and not any(map(has_own_line, found.parts))

    def activation(tensor: Tensor) -> tuple[Node, set[Tensor]] | None:
        sigmoid = recognition.as_sigmoid(tensor)
        softmax = recognition.as_softmax(tensor)
        if sigmoid is not None and sigmoid.sign > 0 and is_inner(sigmoid):
            return Logistic(tensor, sigmoid.logits), set(sigmoid.parts)
        if softmax is not None and is_inner(softmax):
            node = Softmax(tensor, softmax.logits, softmax.axis)
            return node, set(softmax.parts)
        return None

    nodes: list[Node] = []
    hidden: set[Tensor] = set()
    for tensor in order:
        if tensor in hidden:
            continue
        found = activation(tensor)
        if found is None:
            nodes.append(Node(tensor))
        else:
            node, inner = found
            nodes.append(node)
            hidden |= inner
    return nodes
