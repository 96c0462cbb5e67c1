"""Every operation of the table, compiled: the value and gradients of eager."""

import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import PRIMITIVES, Tensor

# They look at values while they are put together, or are not functions of one tensor.
CALLS = [
    pytest.param(op, sample, id=f"{op.name}-{number}")
    for op in PRIMITIVES.values()
    for number, sample in enumerate(op.samples)
]


def split(op, sample):
    """Return the inputs, and what comes after them, of a sample."""
    keywords = sample[-1] if isinstance(sample[-1], dict) else {}
    positional = sample[:-1] if keywords else sample
    if op.sequence:
        return list(positional[0]), positional[1:], keywords
    n = len(op.vjps)
    return list(positional[:n]), positional[n:], keywords


def is_float(x):
    return isinstance(x, np.ndarray | np.floating) and x.dtype.kind == "f"


@pytest.mark.parametrize(("op", "sample"), CALLS)
def test_compiled_equals_eager(op, sample):
    inputs, positional, keywords = split(op, sample)
    places = [k for k, x in enumerate(inputs) if is_float(x) and op.rule(k)]

    def function(*tensors):
        values = list(inputs)
        for place, tensor in zip(places, tensors, strict=True):
            values[place] = tensor
        values = [values] if op.sequence else values
        return op.function(*values, *positional, **keywords)

    compiled = ag.compile(function)
    seed = None
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for _ in range(3):
            expected = [Tensor(inputs[k]) for k in places]
            found = [Tensor(inputs[k]) for k in places]
            right, ours = function(*expected), compiled(*found)
            assert ours.op.name == "compiled"
            assert right.dtype == ours.dtype
            np.testing.assert_array_equal(right.data, ours.data)
            seed = np.random.default_rng(0).normal(size=right.shape)
            right.backward(seed)
            ours.backward(seed)
            for a, b in zip(expected, found, strict=True):
                np.testing.assert_allclose(b.grad, a.grad, rtol=1e-12, atol=1e-15)
                assert b.grad.dtype == a.grad.dtype
            for k in range(len(found)):
                for other in [*(x.data for x in found), ours.data, seed]:
                    assert not np.shares_memory(found[k].grad, other)
