"""Layers that behave as in training during evaluation, and the other way round."""

from collections.abc import Iterator
from typing import Any

from autograd import Tensor
from viz.lint.findings import Finding, finding, layer_of
from viz.lint.graph import Graph
from viz.lint.layers import is_dropout
from viz.names import clean

__all__ = ["evaluation_mode_in_training", "training_mode_in_evaluation"]


def training_mode_in_evaluation(graph: Graph) -> Iterator[Finding]:
    """Report dropout or batch normalisation that is active in an evaluation.

    What is evaluated: a loss that was computed without recording, or a model whose
    outermost module is in evaluation mode.  Layers that were switched back on one by
    one are meant so.
    """
    if graph.model is None:
        return
    modules = dict(graph.model.named_modules())
    top = modules.pop("", graph.model)
    active = _named(modules, training=True) or _named({"": top}, training=True)
    unrecorded = graph.root.op is None and not graph.root.requires_grad
    forgotten = not top.training and all(m.training for m in modules.values())
    evaluated = unrecorded and top.training
    if active and (evaluated or (forgotten and _has_others(modules))):
        yield _still_training(active, unrecorded, graph.root)
    elif not any(m.training for m in (top, *modules.values())):
        paths = {*modules, type(top).__name__}
        for node in graph.of("multiply"):
            if paths.intersection(node.scope) and is_dropout(node):
                yield _never_stops(node)
                return


def _named(modules: dict[str, Any], *, training: bool) -> list[str]:
    """Return what acts differently in training, in one of the modes."""
    return [
        f"{clean(name) or 'the model'} ({type(module).__name__})"
        for name, module in modules.items()
        if module.training == training and _depends_on_mode(module)
    ]


def _depends_on_mode(module: Any) -> bool:
    kind = type(module).__name__
    if "Dropout" in kind:
        return float(getattr(module, "p", 1)) > 0
    if isinstance(getattr(module, "dropout", None), float):
        return float(module.dropout) > 0
    tracked = getattr(module, "track_running_stats", True)
    return "BatchNorm" in kind and bool(tracked)


def _has_others(modules: dict[str, Any]) -> bool:
    """Return whether there are layers of which nobody would switch the mode."""
    return any(not _depends_on_mode(module) for module in modules.values())


def _still_training(active: list[str], unrecorded: bool, root: Tensor) -> Finding:
    why = (
        "The loss was computed without recording, as in an evaluation"
        if unrecorded
        else "The model is in evaluation mode"
    )
    return finding(
        "training-mode-in-evaluation",
        f"{why}, but still in training mode: {', '.join(active[:6])}. The result is "
        f"random, or depends on the other samples of the batch.",
        "Call model.eval() before, which reaches every layer, and model.train() after.",
        root,
    )


def _never_stops(node: Tensor) -> Finding:
    return finding(
        "training-mode-in-evaluation",
        f"The model is in evaluation mode, but dropout is active in {layer_of(node)}: "
        f"the function drops whatever the mode is.",
        "Write dropout(x, p, self.training, rng=...), or use a Dropout layer.",
        node,
    )


def evaluation_mode_in_training(graph: Graph) -> Iterator[Finding]:
    """Report a model that is trained while it is in evaluation mode.

    It is training if backward() ran on this loss, all parameters are trained, and no
    other leaf asks for a gradient, as the pixels of an adversarial example would.
    """
    if graph.model is None or graph.root.op is None or graph.root.grad is None:
        return
    modules = dict(graph.model.named_modules())
    parameters = {p for _, p in graph.model.named_parameters()}
    off = _named(modules, training=False)
    if not off or any(m.training for m in modules.values()):
        return
    trains = all(p.requires_grad for p in parameters)
    if trains and parameters.issuperset(graph.parameters):
        yield finding(
            "evaluation-mode-in-training",
            f"backward() was called for all parameters of a model in evaluation mode. "
            f"These do not act as in training: {', '.join(off[:6])}.",
            "Call model.train() before training goes on.",
            graph.root,
        )
