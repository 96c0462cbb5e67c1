"""Dropout with an explicit generator."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


def generator():
    return np.random.default_rng(5)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_drops_and_scales(dtype):
    x = Tensor(np.full((200, 50), 3.0, dtype))
    out = ag.dropout(x, 0.2, rng=generator())
    out.backward(np.full(x.shape, 2.0, dtype))
    kept = out.data != 0
    assert abs(kept.mean() - 0.8) < 0.02
    np.testing.assert_allclose(out.data[kept], 3.75, rtol=1e-6)
    np.testing.assert_allclose(x.grad, np.where(kept, 2.5, 0.0), rtol=1e-6)
    assert out.dtype == x.grad.dtype == dtype


def test_the_generator_decides():
    x = np.ones(100)
    first = ag.dropout(x, rng=generator())
    np.testing.assert_array_equal(first, ag.dropout(x, rng=generator()))
    rng = generator()
    assert not np.array_equal(ag.dropout(x, rng=rng), ag.dropout(x, rng=rng))


class TestTrapI11:
    def test_everything_is_dropped(self):
        x = Tensor([1.0, 2.0])
        out = ag.dropout(x, 1.0)
        out.backward(np.ones(2))
        np.testing.assert_array_equal(out.data, [0.0, 0.0])
        np.testing.assert_array_equal(x.grad, [0.0, 0.0])

    def test_identity_in_evaluation(self):
        x = Tensor([1.0, 2.0])
        assert ag.dropout(x, 0.5, training=False) is x
        assert ag.dropout(x, 0.0) is x

    @pytest.mark.parametrize("p", [1.5, -0.1, float("nan")])
    def test_not_a_probability(self, p):
        with pytest.raises(ValueError, match="p must be a probability between 0 and 1"):
            ag.dropout(Tensor([1.0]), p, training=False)


def test_generator_is_needed():
    with pytest.raises(ValueError, match=r"rng=np\.random\.default_rng\(seed\)"):
        ag.dropout(Tensor([1.0]))
