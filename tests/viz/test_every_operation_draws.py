"""Every operation of the table can be drawn, on each of its samples."""

from xml.etree import ElementTree

import numpy as np
import pytest

import viz
from autograd import PRIMITIVES, Tensor
from autograd.tracing import trace

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
            first = zip(op.vjps, given[:n], strict=False)
            inputs = (*(differentiable(x) if rule else x for rule, x in first),)
            inputs += tuple(given[n:])
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


@pytest.mark.parametrize("name", OURS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_has_a_lesson(name):
    """Its steps show the products that the engine computes, each with a formula."""
    for out in results(OURS[name]):
        if not (isinstance(out, Tensor) and out.requires_grad):
            continue
        cost = np.sum(out * np.ones(out.shape))
        steps = viz.step(cost, detail="tensor").steps
        backward = [step for step in steps if step.phase == "backward"]
        for product, step in zip(trace(cost).products, backward, strict=True):
            value = step.equation[step.result].value
            assert value.shape == np.shape(product.value)
            if value.whole is not None:
                np.testing.assert_array_equal(value.whole, product.value)
            assert "=" in step.formula
            assert not step.formula.endswith(("= ", "=")), step.formula


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_one_of_each_renders():
    for op in OURS.values():
        out = next(iter(results(op)))
        ElementTree.fromstring(viz.graph(out).svg())
