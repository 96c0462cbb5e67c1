"""Mistakes between the last layer and the loss: an activation twice, or a wrong one."""

from collections.abc import Iterator

from autograd import Tensor
from autograd.recognition import as_sigmoid
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.nodes import name_of, source
from viz.lint.patterns import (
    Softmax,
    as_relu,
    as_softmax,
    as_softmax_or_log,
)

__all__ = [
    "bounded_logits",
    "log_of_softmax",
    "probabilities_in_kl",
    "relu_before_loss",
    "sigmoid_before_bce_with_logits",
    "sigmoid_twice",
    "single_class",
    "softmax_before_cross_entropy",
    "softmax_twice",
]

_LOGITS = "binary_cross_entropy_with_logits"
_SIGMOIDS = ("sigmoid", "divide", "multiply", "reciprocal")  # also by hand


def softmax_before_cross_entropy(graph: Graph) -> Iterator[Finding]:
    """Report probabilities given to a loss that computes the softmax itself."""
    for node in graph.of("cross_entropy", "log_softmax"):
        softmax = as_softmax(source(node.inputs[0]))
        if softmax is not None:
            yield finding(
                "softmax-before-cross-entropy",
                f"{name_of(node)} gets {describe(softmax.result)}, which are "
                f"probabilities already. It applies softmax itself: applied twice, it "
                f"flattens the probabilities, and the loss cannot come near 0.",
                f"Give it the logits, {describe(softmax.logits)}, and leave the "
                f"softmax out; use softmax for predictions only.",
                softmax.result,
                node,
            )


def softmax_twice(graph: Graph) -> Iterator[Finding]:
    """Report the softmax of a softmax."""
    for node in graph.of("softmax", "exp", "divide", "multiply"):
        outer = as_softmax(node)
        if outer is None:
            continue
        inner = as_softmax(outer.logits)
        if inner is not None and inner.axis == outer.axis:
            yield finding(
                "softmax-twice",
                f"{describe(node)} is the softmax of a softmax along the same axis: "
                f"its largest value cannot exceed e times its smallest.",
                "Keep one of the two.",
                inner.result,
                node,
            )


def sigmoid_twice(graph: Graph) -> Iterator[Finding]:
    """Report the sigmoid of a sigmoid."""
    for node in graph.of(*_SIGMOIDS):
        outer = as_sigmoid(node)
        if outer is not None and as_sigmoid(source(outer.logits)) is not None:
            yield finding(
                "sigmoid-twice",
                f"{describe(node)} is the sigmoid of a sigmoid: it stays between 0.5 "
                f"and 0.74, whatever the input.",
                "Keep one of the two.",
                source(outer.logits),
                node,
            )


def sigmoid_before_bce_with_logits(graph: Graph) -> Iterator[Finding]:
    """Report probabilities given to a loss that computes the sigmoid itself."""
    weighted = [x for x in graph.of("softplus") if _is_weighted_bce(graph, x)]
    for node in [*graph.of(_LOGITS), *weighted]:
        probabilities = source(node.inputs[0])
        sigmoid = as_sigmoid(probabilities)
        if sigmoid is not None:
            minus = "" if sigmoid.sign > 0 else "minus "
            yield finding(
                "sigmoid-before-bce-with-logits",
                f"{_LOGITS} gets {describe(probabilities)}, which are probabilities "
                f"already. It applies the sigmoid itself: applied twice, it stays "
                f"between 0.5 and 0.74.",
                f"Give it the logits, {minus}{describe(sigmoid.logits)}, and leave the "
                f"sigmoid out; or keep it, and use binary_cross_entropy.",
                probabilities,
                node,
            )


def _is_weighted_bce(graph: Graph, node: Tensor) -> bool:
    """Return whether this is softplus(z) beside softplus(-z), as with a pos_weight."""
    return any(
        name_of(user) == "negative"
        and any(name_of(x) == "softplus" for x in graph.users[user])
        for user in graph.users[node.inputs[0]]
    )


def log_of_softmax(graph: Graph) -> Iterator[Finding]:
    """Report the logarithm of a softmax, in two steps."""
    seen: set[Tensor] = set()
    for node in graph.of("log", "log2", "log10"):
        softmax = as_softmax(source(node.inputs[0]))
        if softmax is None or softmax.result in seen:
            continue
        seen.add(softmax.result)
        yield finding(
            "log-of-softmax",
            f"{describe(node)} is the logarithm of {describe(softmax.result)}, a "
            f"softmax. A probability below the smallest number becomes 0, and its "
            f"logarithm -inf.",
            "Write log_softmax(logits, axis), or cross_entropy(logits, classes) for "
            "the whole loss: they subtract the largest logit first.",
            softmax.result,
            node,
        )


def bounded_logits(graph: Graph) -> Iterator[Finding]:
    """Report logits that an activation keeps in a narrow range."""
    for node in graph.of("cross_entropy", _LOGITS):
        given = source(node.inputs[0])
        is_sigmoid = name_of(node) == "cross_entropy" and as_sigmoid(given) is not None
        if name_of(given) == "tanh" or is_sigmoid:
            activation = "sigmoid" if is_sigmoid else "tanh"
            bounds = "0 and 1" if is_sigmoid else "-1 and 1"
            yield finding(
                "bounded-logits",
                f"{name_of(node)} gets {describe(given)}, a {activation}: logits "
                f"between {bounds} cannot express a certain prediction, so that the "
                f"loss cannot come near 0.",
                f"Leave the {activation} out: the loss takes any numbers.",
                given,
                node,
            )


def relu_before_loss(graph: Graph) -> Iterator[Finding]:
    """Report logits of a last layer that cannot be negative."""
    outputs = graph.layer_of_output
    if not outputs:
        return
    for node in graph.of("cross_entropy", "log_softmax", _LOGITS, *_SIGMOIDS):
        if name_of(node) in _SIGMOIDS and not _is_probability(graph, node):
            continue
        sigmoid = as_sigmoid(node)
        given = source(node.inputs[0] if sigmoid is None else sigmoid.logits)
        z = as_relu(given)
        if z is not None and source(z) in outputs:
            yield finding(
                "relu-before-loss",
                f"The last layer, {describe(source(z))}, goes through a relu before "
                f"{name_of(node)}: logits cannot be negative, and where the relu is 0 "
                f"nothing is learned.",
                "Leave the relu out: the last layer gives logits of both signs.",
                source(z),
                node,
            )


def _is_probability(graph: Graph, node: Tensor) -> bool:
    """Return whether this is a sigmoid in a cross entropy of two classes."""
    users = {name_of(user) for user in graph.uses(node)}
    in_loss = users & {"binary_cross_entropy", "log"}
    return as_sigmoid(node) is not None and bool(in_loss)


def single_class(graph: Graph) -> Iterator[Finding]:
    """Report a softmax over one class, which is always 1."""
    for node in graph.of("cross_entropy"):
        logits = node.inputs[0]
        if logits.shape[min(1, logits.ndim - 1)] == 1:
            yield _single(node, logits, "the loss is always 0")
    for node in graph.of("softmax", "log_softmax", "divide", "multiply"):
        softmax = as_softmax_or_log(node) if node.ndim > 1 else None
        if softmax is not None and _is_output_of_one(graph, softmax):
            yield _single(node, softmax.logits, "it is the same for every input")


def _is_output_of_one(graph: Graph, softmax: Softmax) -> bool:
    """Return whether a softmax has one class and is compared with targets."""
    node, axis = softmax.result, softmax.axis
    if axis is None or node.shape[axis] != 1:
        return False
    if name_of(node) == "log_softmax":
        return True
    users = {name_of(user) for user in graph.uses(node)}
    compared = {"subtract", "log", "binary_cross_entropy", "kl_div", "absolute"}
    return bool(users) and users <= compared


def _single(node: Tensor, logits: Tensor, effect: str) -> Finding:
    return finding(
        "single-class",
        f"{name_of(node)} of {describe(logits)} is over one "
        f"class only, whose probability is always 1: {effect}.",
        "For two classes use one output with sigmoid (binary_cross_entropy_with_logits)"
        ", or two outputs with cross_entropy.",
        logits,
        node,
    )


def probabilities_in_kl(graph: Graph) -> Iterator[Finding]:
    """Report a divergence of probabilities where it takes their logarithms."""
    for node in graph.of("kl_div"):
        softmax = as_softmax(source(node.inputs[0]))
        if softmax is not None:
            yield finding(
                "probabilities-in-kl",
                f"kl_div gets {describe(softmax.result)}, which are probabilities; its "
                f"first argument must be their logarithms.",
                "Write kl_div(log_softmax(logits, axis), target).",
                softmax.result,
                node,
            )
