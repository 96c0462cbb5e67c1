"""The steps and cells of simple recurrent networks, LSTM and GRU."""

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


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_rnn_step_like_torch(nonlinearity, dtype):
    cell = torch.rnn_tanh_cell if nonlinearity == "tanh" else torch.rnn_relu_cell
    x, h, w_ih, w_hh = cell_arrays(1, (4,), bias=False)
    assert_like_torch(
        lambda x, h, u, w: ag.rnn_step(ag.linear(x, u), h, w, nonlinearity),
        cell,
        x,
        h,
        w_ih,
        w_hh,
        dtype=dtype,
    )


STEPS = {
    "rnn": (ag.rnn_step, [(1, 2), (1, 2), (2, 2)]),
    "lstm": (ag.lstm_step, [(1, 8), (2, 1, 2), (8, 2)]),
    "gru": (ag.gru_step, [(1, 6), (1, 2), (6, 2), (6,)]),
}


@pytest.mark.parametrize("name", STEPS)
def test_third_order(name):
    function, shapes = STEPS[name]
    arrays = [normal(*shape) for shape in shapes]
    assert gradcheck(lambda *a: function(*a) ** 2, *arrays, order=3, rtol=1e-5)


@pytest.mark.parametrize("name", STEPS)
def test_dtypes_mix_as_in_numpy(name):
    """An input in double precision is not cut down to the weights' precision."""
    function, shapes = STEPS[name]
    first, *others = (Tensor(normal(*shape)) for shape in shapes)
    exact = function(first, *others)
    mixed = function(first, *(Tensor(x.data.astype(np.float32)) for x in others))
    assert mixed.dtype == np.float64
    np.testing.assert_allclose(mixed.data, exact.data, rtol=1e-5)
    mixed.backward(np.ones(mixed.shape))
    assert [x.grad.dtype for x in mixed.inputs] == [x.dtype for x in mixed.inputs]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_says_which_shapes_do_not_fit(name):
    function, shapes = STEPS[name]
    given, state, weight, *bias = (normal(*shape) for shape in shapes)
    with pytest.raises(ShapeError, match=rf"{name}_step: w_hh must have shape"):
        function(given, state, weight[:, :1], *bias)
    with pytest.raises(ShapeError, match=rf"{name}_step: the projected input .*, 3\)"):
        function(given[:, :3] if given.shape[1] > 3 else normal(1, 3), state, weight)
    with pytest.raises(ShapeError, match=rf"{name}_step"):
        function(np.concatenate([given, given]), state, weight, *bias)


def test_the_state_of_an_lstm_is_a_stacked_pair():
    with pytest.raises(
        ShapeError, match=r"state \(1, 2\).*shape \(2, ..., n\): h and c"
    ):
        ag.lstm_step(normal(1, 8), normal(1, 2), normal(8, 2))


def test_another_nonlinearity():
    with pytest.raises(ValueError, match="nonlinearity must be 'tanh' or 'relu'"):
        ag.rnn_step(normal(2), normal(2), normal(2, 2), "sigmoid")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("far", [-1e3, 1e3])
def test_far_gates(far, dtype):
    """Saturated gates are 0 or 1, without a warning, and gradients are finite."""
    given = Tensor(np.full((1, 8), far, dtype))
    state = Tensor(np.array([[[0, 0]], [[1, 1]]], dtype))
    out = ag.lstm_step(given, state, np.zeros((8, 2), dtype))
    out.backward(np.ones(out.shape, dtype))
    assert np.all(np.isfinite(given.grad))
    assert out.dtype == state.grad.dtype == dtype
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
    with pytest.raises(ShapeError, match=r"bias b_hh \(1,\)"):
        cell(x, state, w_ih, w_hh, biases[0], biases[1][:1])


def test_shape_of_the_cell_state():
    x, h, *parameters = cell_arrays(4, (2,))
    with pytest.raises(ShapeError, match=r"cell state \(3,\).*shape \(2, 3\)"):
        ag.lstm_cell(x, (h, h[0]), *parameters)
