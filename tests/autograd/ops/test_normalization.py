"""Layer, batch, group, instance and RMS normalisation."""

import numpy as np
import pytest

import autograd as ag
from autograd import ShapeError, Tensor, gradcheck
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

F = torch.nn.functional
rng = np.random.default_rng(0)
AFFINE = ["both", "weight", "neither"]


def affine(shape, how):
    """Return weight and bias, as many as wanted."""
    arrays = [rng.standard_normal(shape), rng.standard_normal(shape)]
    return arrays[: {"both": 2, "weight": 1, "neither": 0}[how]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("how", AFFINE)
@pytest.mark.parametrize(
    ("shape", "normalized"),
    [
        ((3, 5), (5,)),
        ((2, 3, 4), (4,)),
        ((2, 3, 4), (3, 4)),
        ((5,), (5,)),
        ((1, 2), (2,)),
    ],
    ids=str,
)
def test_layer_norm_like_torch(shape, normalized, how, dtype):
    assert_like_torch(
        lambda x, *wb: ag.layer_norm(x, normalized, *wb),
        lambda x, *wb: F.layer_norm(x, normalized, *wb),
        rng.standard_normal(shape) * 2 + 1,
        *affine(normalized, how),
        dtype=dtype,
    )


@pytest.mark.parametrize("how", ["weight", "neither"])
@pytest.mark.parametrize("eps", [None, 0.1])
def test_rms_norm_like_torch(eps, how):
    assert_like_torch(
        lambda x, *w: ag.rms_norm(x, (3, 4), *w, eps=eps),
        lambda x, *w: F.rms_norm(x, (3, 4), *w, eps=eps),
        rng.standard_normal((2, 3, 4)),
        *affine((3, 4), how),
    )


def test_rms_norm_keeps_float32():
    x = Tensor(np.ones((2, 3), np.float32))
    assert ag.rms_norm(x, 3, np.ones(3, np.float32)).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("how", AFFINE)
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 3), (2, 4, 3, 2)], ids=str)
def test_group_norm_like_torch(shape, groups, how, dtype):
    assert_like_torch(
        lambda x, *wb: ag.group_norm(x, groups, *wb, eps=0.1),
        lambda x, *wb: F.group_norm(x, groups, *wb, eps=0.1),
        rng.standard_normal(shape),
        *affine(4, how),
        dtype=dtype,
    )


@pytest.mark.parametrize("shape", [(2, 4, 3), (1, 4, 3, 2)], ids=str)
def test_instance_norm_like_torch(shape):
    assert_like_torch(
        lambda x, w, b: ag.instance_norm(x, w, b),
        lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
        rng.standard_normal(shape),
        *affine(4, "both"),
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("how", AFFINE)
@pytest.mark.parametrize("shape", [(5, 4), (3, 4, 6), (2, 4, 3, 5), (1, 4, 2)], ids=str)
def test_batch_norm_like_torch(shape, how, training, dtype):
    mean, var = rng.standard_normal(4), rng.uniform(0.5, 2.0, 4)
    ours = [mean.astype(dtype), var.astype(dtype)]
    theirs = [torch.tensor(mean.astype(dtype)), torch.tensor(var.astype(dtype))]
    assert_like_torch(
        lambda x, *wb: ag.batch_norm(x, *ours, *wb, training=training),
        lambda x, *wb: F.batch_norm(x, *theirs, *wb, training=training),
        rng.standard_normal(shape) * 2 + 1,
        *affine(4, how),
        dtype=dtype,
    )
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5)
        assert found.dtype == dtype


def test_running_statistics_may_be_tensors_or_missing():
    x = rng.standard_normal((5, 3))
    statistics = [Tensor(np.zeros(3), False), Tensor(np.ones(3), False)]
    expected = [np.zeros(3), np.ones(3)]
    out = ag.batch_norm(Tensor(x), *statistics, training=True, momentum=0.3)
    ag.batch_norm(x, *expected, training=True, momentum=0.3)
    for found, value in zip(statistics, expected, strict=True):
        np.testing.assert_array_equal(found.data, value)
    alone = ag.batch_norm(Tensor(x), None, None, training=True)
    np.testing.assert_array_equal(alone.data, out.data)


@pytest.mark.parametrize("axes", [(1,), (0,)], ids=["layer_norm", "batch_norm"])
def test_third_order(axes):
    x, w, b = (rng.standard_normal(shape) for shape in ((3, 2), 2, 2))
    assert gradcheck(
        lambda x, w, b: ag.standardize(x, w, b, axes=axes) ** 2,
        *(x, w, b),
        order=3,
        rtol=1e-5,
    )


# ---- the traps -----------------------------------------------------------------------


def test_one_value_for_each_channel_in_training():
    """I08: and nothing is written into the running statistics."""
    mean = np.zeros(3)
    with pytest.raises(
        ValueError, match=r"1 value .*\(1, 3\).*drop_last=True.*eval\(\)"
    ):
        ag.batch_norm(Tensor(np.ones((1, 3))), mean, np.ones(3), training=True)
    np.testing.assert_array_equal(mean, np.zeros(3))
    ag.batch_norm(Tensor(np.ones((1, 3))), mean, np.ones(3))


@pytest.mark.parametrize("value", [5.0], ids=["I09"])
def test_constant_batch(value):
    x, var = Tensor([[value], [value]]), np.ones(1)
    out = ag.batch_norm(x, np.zeros(1), var, training=True)
    out.backward(np.array([[1.0], [2.0]]))
    np.testing.assert_array_equal(out.data, [[0.0], [0.0]])
    np.testing.assert_allclose(var, [0.9])
    np.testing.assert_allclose(x.grad, np.array([[-0.5], [0.5]]) / np.sqrt(1e-5))
    x.grad = None
    out = ag.batch_norm(x, None, None, training=True)
    out.sum().backward()
    np.testing.assert_array_equal(x.grad, [[0.0], [0.0]])


@pytest.mark.parametrize("value", [5.0], ids=["I10"])
def test_layer_norm_of_one_feature(value):
    x = Tensor([[value], [value + 1]])
    out = ag.layer_norm(x, 1)
    out.backward(np.array([[1.0], [2.0]]))
    np.testing.assert_array_equal(out.data, [[0.0], [0.0]])
    np.testing.assert_array_equal(x.grad, [[0.0], [0.0]])


@pytest.mark.parametrize("values", [[[0.0], [2.0]]], ids=["I43"])
def test_running_variance_is_unbiased(values):
    var = np.ones(1)
    ag.batch_norm(Tensor(values), None, var, training=True, momentum=1.0)
    np.testing.assert_array_equal(var, [2.0])


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda x: ag.layer_norm(x, 3), r"normalized_shape=\(3,\): input x \(2, 4\)"),
        (lambda x: ag.layer_norm(x, 4, np.ones(3)), r"weight \(3,\).*shape \(4,\)"),
        (lambda x: ag.rms_norm(x, (4, 4)), r"rms_norm: .*\(4, 4\): input x \(2, 4\)"),
        (lambda x: ag.group_norm(x, 3), r"num_groups=3 must divide .*x \(2, 4\)"),
        (lambda x: ag.group_norm(x, 2, np.ones(2)), r"weight \(2,\).*shape \(4,\)"),
        (lambda x: ag.instance_norm(x), r"batch, channels and space: input x"),
        (lambda x: ag.batch_norm(x[0], None, None), r"a batch and channels"),
        (lambda x: ag.batch_norm(x, np.ones(2), np.ones(4)), r"running_mean \(2,\)"),
    ],
)
def test_error(call, match):
    with pytest.raises(ShapeError, match=match):
        call(Tensor(np.ones((2, 4)), name="x"))


def test_statistics_are_needed_without_training():
    with pytest.raises(TypeError, match="running_mean and running_var are needed"):
        ag.batch_norm(Tensor(np.ones((2, 4))), None, None)
