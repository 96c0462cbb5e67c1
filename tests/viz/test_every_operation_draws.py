"""Every operation of the table can be drawn, on each of its samples."""

from xml.etree import ElementTree

import numpy as np
import pytest

import viz
from autograd import PRIMITIVES, Tensor

OURS = {
    name: op
    for name, op in PRIMITIVES.items()
    if op.forward.__module__.startswith("autograd.ops.")
}


def differentiable(value):
    """Wrap floating-point values in tensors; leave the others as they are."""
    is_float = isinstance(value, float | np.ndarray | np.floating)
    is_float = is_float and np.asarray(value).dtype.kind == "f"
    return Tensor(value) if is_float else value


def results(op):
    """Return what the operation makes of its samples, where that is recorded."""
    for sample in op.samples:
        settings = sample[-1] if isinstance(sample[-1], dict) else {}
        given = sample[: len(sample) - bool(settings)]
        if op.sequence:
            inputs = ([differentiable(x) for x in given[0]], *given[1:])
        else:
            n = len(op.vjps)
            inputs = (*map(differentiable, given[:n]), *given[n:])
        yield op.function(*inputs, **settings)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("edges", ["backward", "local"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_draws(name, edges):
    drawn = 0
    for out in results(OURS[name]):
        if isinstance(out, Tensor) and out.requires_grad:
            source = viz.graph(out, edges=edges).source
            assert source.startswith("digraph")
            drawn += 1
    assert drawn


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_one_of_each_renders():
    for op in OURS.values():
        out = next(iter(results(op)))
        ElementTree.fromstring(viz.graph(out).svg())
