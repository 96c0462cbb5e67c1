"""The cells of LSTM and GRU."""

import numpy as np
import pytest

import autograd as ag
from autograd import ShapeError, Tensor, gradcheck
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

rng = np.random.default_rng(0)


def normal(*shape):
    return rng.standard_normal(shape)


def cell_arrays(gates, batch, n=3, features=2, bias=True):
    """Return the arguments of a cell: input, state, then weights and biases."""
    weights = [normal(gates * n, features), normal(gates * n, n)]
    biases = [normal(gates * n), normal(gates * n)] if bias else []
    return [normal(*batch, features), normal(*batch, n), *weights, *biases]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(4,), (1,), ()], ids=str)
def test_lstm_cell_like_torch(batch, bias, dtype):
    x, h, *parameters = cell_arrays(4, batch, bias=bias)

    def both(cell, stack):
        return lambda x, h, c, *p: stack(cell(x, (h, c), *p))

    assert_like_torch(
        both(ag.lstm_cell, ag.stack),
        both(lambda x, hc, *p: torch_lstm(x, hc, *p), torch.stack),
        x,
        h,
        normal(*h.shape),
        *parameters,
        dtype=dtype,
    )


def torch_lstm(x, state, *parameters):
    """PyTorch's cell takes a batch only."""
    if x.ndim == 2:
        return torch.lstm_cell(x, state, *parameters)
    batch = torch.lstm_cell(x[None], [s[None] for s in state], *parameters)
    return [s[0] for s in batch]


def torch_gru(x, h, *parameters):
    if x.ndim == 2:
        return torch.gru_cell(x, h, *parameters)
    return torch.gru_cell(x[None], h[None], *parameters)[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(4,), (1,), ()], ids=str)
def test_gru_cell_like_torch(batch, bias, dtype):
    arrays = cell_arrays(3, batch, bias=bias)
    assert_like_torch(ag.gru_cell, torch_gru, *arrays, dtype=dtype)


@pytest.mark.parametrize(
    ("function", "shapes"),
    [(ag.lstm_gates, [(1, 8), (1, 2)]), (ag.gru_gates, [(1, 6), (1, 6), (1, 2)])],
)
def test_third_order(function, shapes):
    arrays = [normal(*shape) for shape in shapes]
    assert gradcheck(lambda *a: function(*a) ** 2, *arrays, order=3, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("far", [-1e3, 1e3])
def test_far_gates(far, dtype):
    """Saturated gates are 0 or 1, without a warning, and gradients are finite."""
    gates, cell = Tensor(np.full((1, 8), far, dtype)), Tensor(np.ones((1, 2), dtype))
    out = ag.lstm_gates(gates, cell)
    out.backward(np.ones(out.shape, dtype))
    assert np.all(np.isfinite(gates.grad))
    assert out.dtype == cell.grad.dtype == dtype
    expected = 2.0 if far > 0 else 0.0
    np.testing.assert_allclose(out.data[1], [[expected, expected]], atol=1e-30)


def test_through_time():
    """The same weights at every step: gradients of all steps add up."""
    x, h, *parameters = cell_arrays(4, (2,))
    xs = np.stack([x, x * 0.5, -x])

    def unrolled(cell, stack):
        def loss(xs, h, c, *p):
            for k in range(3):
                h, c = cell(xs[k], (h, c), *p)
            return stack([h, c])

        return loss

    assert_like_torch(
        unrolled(ag.lstm_cell, ag.stack),
        unrolled(torch.lstm_cell, torch.stack),
        xs,
        h,
        normal(*h.shape),
        *parameters,
    )


@pytest.mark.parametrize(("cell", "gates"), [(ag.lstm_cell, 4), (ag.gru_cell, 3)])
def test_shape_errors(cell, gates):
    x, h, w_ih, w_hh, *biases = cell_arrays(gates, (2,))
    state = (h, h) if gates == 4 else h
    with pytest.raises(ShapeError, match=rf"w_hh must have shape \({gates} n, n\)"):
        cell(x, state, w_ih, w_hh.T, *biases)
    with pytest.raises(ShapeError, match="last axis of input must be 2"):
        cell(h, state, w_ih, w_hh, *biases)
    with pytest.raises(ShapeError, match="bias"):
        cell(x, state, w_ih, w_hh, biases[0][:2])


def test_shape_of_the_cell_state():
    x, h, *parameters = cell_arrays(4, (2,))
    with pytest.raises(ShapeError, match=r"cell state \(3,\).*shape \(2, 3\)"):
        ag.lstm_cell(x, (h, h[0]), *parameters)
