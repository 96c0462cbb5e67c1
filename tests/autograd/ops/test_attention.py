"""Scaled dot-product attention."""

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, ShapeError, Tensor, gradcheck
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

attention = ag.scaled_dot_product_attention
theirs = torch.nn.functional.scaled_dot_product_attention
rng = np.random.default_rng(0)


def arrays(batch=(2, 3), queries=4, keys=5, features=3, width=2):
    shapes = [(queries, features), (keys, features), (keys, width)]
    return [rng.standard_normal((*batch, *shape)) for shape in shapes]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "settings",
    [{}, {"is_causal": True}, {"scale": 0.3}, {"is_causal": True, "scale": 2.0}],
    ids=str,
)
@pytest.mark.parametrize("batch", [(), (1,), (2, 3)], ids=str)
def test_like_torch(batch, settings, dtype):
    assert_like_torch(
        lambda q, k, v: attention(q, k, v, **settings),
        lambda q, k, v: theirs(q, k, v, **settings),
        *arrays(batch),
        dtype=dtype,
    )


MASK = rng.random((4, 5)) > 0.4
MASK[:, 2] = True


@pytest.mark.parametrize("shape", [(4, 5), (1, 5), (3, 4, 5), (2, 1, 4, 5)], ids=str)
def test_boolean_mask_like_torch(shape):
    mask = np.broadcast_to(MASK[: shape[-2]], shape)
    assert_like_torch(
        lambda q, k, v: attention(q, k, v, mask),
        lambda q, k, v: theirs(q, k, v, torch.tensor(mask)),
        *arrays(),
    )


@pytest.mark.parametrize("shape", [(4, 5), (1, 5), (3, 1, 5), (2, 3, 4, 5)], ids=str)
def test_additive_mask_like_torch(shape):
    """A mask that is added is differentiated, as a position bias needs it."""
    assert_like_torch(attention, theirs, *arrays(), rng.standard_normal(shape))


def test_plain_additive_mask():
    mask = np.where(MASK, 0.0, -np.inf)
    q, k, v = map(Tensor, arrays())
    expected = attention(q, k, v, MASK)
    np.testing.assert_allclose(attention(q, k, v, mask).data, expected.data, 1e-13)
    with_gradient = attention(q, k, v, Tensor(mask))
    np.testing.assert_allclose(with_gradient.data, expected.data, 1e-13)


def test_a_masked_key_has_no_influence():
    """C09: its weight is exactly 0, and so are its gradients, whatever it holds."""
    q, k, v = map(Tensor, arrays(()))
    mask = np.ones((4, 5), bool)
    mask[:, 1] = False
    attention(q, k, v, mask).sum().backward()
    np.testing.assert_array_equal(k.grad[1], np.zeros(3))
    np.testing.assert_array_equal(v.grad[1], np.zeros(2))


@pytest.mark.parametrize("kind", [bool, float])
def test_a_query_that_may_look_nowhere(kind):
    """C10: softmax gives NaN there, attention 0 as in PyTorch; gradients are 0."""
    mask = MASK.copy()
    mask[1] = False
    given = mask if kind is bool else np.where(mask, 0.0, -np.inf)
    q, k, v = (Tensor(a) for a in arrays(()))
    out = attention(q, k, v, given)
    expected = theirs(*(torch.tensor(x.data) for x in (q, k, v)), torch.tensor(given))
    np.testing.assert_allclose(out.data, expected.numpy(), atol=1e-12)
    np.testing.assert_array_equal(out.data[1], np.zeros(2))
    out.backward(np.ones(out.shape))
    np.testing.assert_array_equal(q.grad[1], np.zeros(3))
    assert np.all(np.isfinite(k.grad))
    assert gradcheck(lambda *qkv: attention(*qkv, given), *arrays(()))


def test_batches_broadcast():
    q, _, _ = arrays((2, 3))
    _, k, _ = arrays((3,))
    _, _, v = arrays((2, 1))
    assert_like_torch(attention, theirs, q, k, v)


def test_third_order():
    qkv = arrays((), 2, 2, 2, 2)
    assert gradcheck(
        lambda *qkv: attention(*qkv, is_causal=True) ** 2, *qkv, order=3, rtol=1e-5
    )


def test_far_scores():
    q, k, v = (Tensor(a * 1e3) for a in arrays(()))
    out = attention(q, k, v)
    out.sum().backward()
    assert np.all(np.isfinite(out.data))
    assert np.all(np.isfinite(q.grad))


def test_dropout():
    q, k, _ = arrays(())
    v = np.eye(5)  # the result is the weights themselves

    def weights(**settings):
        return attention(Tensor(q), k, v, **settings)

    whole = weights().data
    dropped = weights(dropout_p=0.5, rng=np.random.default_rng(3)).data
    again = weights(dropout_p=0.5, rng=np.random.default_rng(3)).data
    np.testing.assert_array_equal(dropped, again)
    kept = dropped != 0
    assert 0 < np.count_nonzero(kept) < kept.size
    np.testing.assert_allclose(dropped[kept], 2 * whole[kept])
    mask = np.where(kept, 2.0, 0.0)

    def by_hand(q, k):
        return (ag.softmax(q @ k.T / np.sqrt(3), axis=-1) * mask) @ v

    def dropping(q, k):
        return attention(q, k, v, dropout_p=0.5, rng=np.random.default_rng(3))

    gradients = []
    for function in (by_hand, dropping):
        leaves = Tensor(q), Tensor(k)
        (function(*leaves) ** 2).sum().backward()
        gradients.append([leaf.grad for leaf in leaves])
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other)
    with pytest.raises(ValueError, match="rng="):
        weights(dropout_p=0.5)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"key": (5, 4)}, r"as many features: query q \(4, 3\).*key \(5, 4\)"),
        ({"value": (6, 2)}, r"one value for each key"),
        ({"query": (3,)}, r"two axes"),
        ({"attn_mask": (3, 5)}, r"attn_mask \(3, 5\).*broadcast to \(4, 5\)"),
    ],
)
def test_shape_error(change, match):
    shapes = {"query": (4, 3), "key": (5, 3), "value": (5, 2)} | change
    given = {name: np.zeros(shape) for name, shape in shapes.items()}
    given["query"] = Tensor(given["query"], name="q")
    with pytest.raises(ShapeError, match=match):
        attention(**given)


def test_mask_of_integers():
    with pytest.raises(DTypeError, match="boolean"):
        attention(*arrays(()), attn_mask=np.ones((4, 5), int))


def test_mask_and_causal():
    with pytest.raises(ValueError, match=r"not both.*np\.tri\(4, 5, dtype=bool\)"):
        attention(*arrays(()), attn_mask=MASK, is_causal=True)
