"""The affine map of a fully connected layer."""

import numpy as np
import pytest

import autograd as ag
from autograd import ShapeError, Tensor
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

rng = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(5,), (), (1,), (2, 3), (0,), (2, 0)], ids=str)
def test_like_torch(batch, bias, dtype):
    arrays = [rng.standard_normal((*batch, 3)), rng.standard_normal((4, 3))]
    arrays += [rng.standard_normal(4)] if bias else []
    assert_like_torch(ag.linear, torch.nn.functional.linear, *arrays, dtype=dtype)


def test_one_node():
    out = ag.linear(np.ones((2, 3)), Tensor(np.ones((4, 3))), Tensor(np.ones(4)))
    assert out.op.name == "linear"
    assert all(x.is_leaf for x in out.inputs)


def test_wider_bias_is_not_rounded():
    x, w = np.ones((2, 3), np.float32), Tensor(np.ones((4, 3), np.float32))
    bias = np.full(4, 1e-12)
    assert ag.linear(x, w, bias).dtype == np.float64


@pytest.mark.parametrize(
    ("x", "w", "b", "parts"),
    [
        pytest.param(
            (3, 5), (2, 4), None, ["must be 4", "x (3, 5)", "(2, 4)"], id="I15"
        ),
        ((3, 4), (4, 2), None, ["must be 2", "did you mean weight.T?"]),
        ((3, 4), (4,), None, ["(out_features, in_features)", "(4,)"]),
        ((), (2, 4), None, ["must be 4", "x ()"]),
        ((3, 4), (2, 4), (4,), ["bias (4,)", "shape (2,)"]),
    ],
)
def test_error(x, w, b, parts):
    arguments = [Tensor(np.zeros(x), name="x"), Tensor(np.zeros(w))]
    if b:
        arguments.append(np.zeros(b))
    with pytest.raises(ShapeError) as error:
        ag.linear(*arguments)
    for part in ["linear", *parts]:
        assert part in str(error.value)
