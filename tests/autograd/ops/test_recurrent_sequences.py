"""Recurrent networks along a sequence: the same as a loop of their steps."""

import numpy as np
import pytest

import autograd as ag
from autograd import ShapeError, Tensor, gradcheck

N = 3


def run_rnn(given, state, weight, reverse=False):
    return ag.rnn(given, state, weight, "relu", reverse)


def step_rnn(given, state, weight):
    return ag.rnn_step(given, state, weight, "relu")


# name -> the sequence, its step, the number of gates, whether there is a bias
NETWORKS = {
    "rnn": (ag.rnn, ag.rnn_step, 1, False),
    "rnn relu": (run_rnn, step_rnn, 1, False),
    "lstm": (ag.lstm, ag.lstm_step, 4, False),
    "gru": (ag.gru, ag.gru_step, 3, False),
    "gru bias": (ag.gru, ag.gru_step, 3, True),
}


def arguments(name, steps, batch, dtype=np.float64):
    """Return the arguments of a sequence."""
    rng = np.random.default_rng(7)
    _, _, gates, bias = NETWORKS[name]
    pair = (2,) if name == "lstm" else ()
    shapes = [(steps, *batch, gates * N), (*pair, *batch, N), (gates * N, N)]
    shapes += [(gates * N,)] if bias else []
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def loop(name, given, state, *weights, reverse):
    """Do the same with one operation a step."""
    step, states = NETWORKS[name][1], []
    for t in range(len(given))[:: -1 if reverse else 1]:
        state = step(given[t], state, *weights)
        states.append(state)
    return ag.stack(states[:: -1 if reverse else 1], axis=1 if name == "lstm" else 0)


def value_and_gradients(function, arrays):
    leaves = [Tensor(x) for x in arrays]
    out = function(*leaves)
    seed = np.random.default_rng(3).standard_normal(out.shape).astype(out.dtype)
    out.backward(seed)
    return [out.data, *(leaf.grad for leaf in leaves)]


def both(name, arrays, reverse):
    """Return value and gradients of the sequence, and of the loop."""
    sequence = NETWORKS[name][0]
    return (
        value_and_gradients(lambda *a: sequence(*a, reverse=reverse), arrays),
        value_and_gradients(lambda *a: loop(name, *a, reverse=reverse), arrays),
    )


@pytest.mark.parametrize("reverse", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("batch", [(), (4,), (2, 5), (0,)], ids=str)
@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("name", NETWORKS)
def test_equals_a_loop_of_steps(name, steps, batch, reverse):
    for a, b in zip(*both(name, arguments(name, steps, batch), reverse), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "double"),
    [(name, k) for name, (*_, bias) in NETWORKS.items() for k in range(3 + bias)],
)
def test_dtypes_mix_as_in_a_loop(name, double):
    """One argument in double precision makes a result in double precision."""
    arrays = arguments(name, 3, (2,), np.float32)
    arrays[double] = arrays[double].astype(np.float64)
    fast, slow = both(name, arrays, False)
    assert [x.dtype for x in fast] == [np.float64, *(x.dtype for x in arrays)]
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_only_some_gradients_are_wanted_and_twice(name):
    """A gradient does not depend on which others are wanted, nor on earlier sweeps."""
    sequence, arrays = NETWORKS[name][0], arguments(name, 4, (2,))
    seed = np.ones(sequence(*arrays).shape)
    expected = [Tensor(x) for x in arrays]
    sequence(*expected).backward(seed)
    for position in range(len(arrays)):
        leaf = Tensor(arrays[position])
        inputs = [*arrays[:position], leaf, *arrays[position + 1 :]]
        out = sequence(*inputs)
        out.backward(seed)
        np.testing.assert_array_equal(leaf.grad, expected[position].grad)
        out.backward(seed)
        np.testing.assert_array_equal(leaf.grad, 2 * expected[position].grad)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru bias"])
def test_second_order_of_the_last_state_only(name):
    """As after a long sequence, where only the last state is used."""
    sequence, arrays = NETWORKS[name][0], arguments(name, 3, ())

    def last(*inputs):
        return ag.moveaxis(sequence(*inputs), 1 if name == "lstm" else 0, 0)[-1]

    assert gradcheck(last, *arrays, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("far", [-1e3, 1e3])
@pytest.mark.parametrize("name", NETWORKS)
def test_far_gates(name, far, dtype):
    """Saturated gates give finite gradients, without a warning."""
    given, *others = arguments(name, 3, (2,), dtype)
    for found in value_and_gradients(NETWORKS[name][0], [given + dtype(far), *others]):
        assert np.all(np.isfinite(found))
        assert found.dtype == dtype


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
def test_which_shapes_do_not_fit(name):
    sequence = NETWORKS[name][0]
    given, state, weight = arguments(name, 4, (2,))
    with pytest.raises(ShapeError, match=rf"{name}: w_hh must have shape"):
        sequence(given, state, weight[:, :1])
    with pytest.raises(ShapeError, match=rf"{name}: .* must have shape \(4, 2, "):
        sequence(given[:, :1], state, weight)
    with pytest.raises(ShapeError, match=rf"{name}: .* at least one step"):
        sequence(given[:0], state, weight)


def test_other_arguments_that_do_not_fit():
    given, state, weight = arguments("lstm", 4, (2,))
    with pytest.raises(ShapeError, match=r"lstm: state .*\(2, ..., n\): h and c"):
        ag.lstm(given, state[0, 0], weight)
    given, state, weight, bias = arguments("gru bias", 4, (2,))
    with pytest.raises(ShapeError, match=r"gru: bias b_hh \(2,\)"):
        ag.gru(given, state, weight, bias[:2])
    with pytest.raises(ValueError, match="nonlinearity must be 'tanh' or 'relu'"):
        ag.rnn(*arguments("rnn", 4, (2,)), nonlinearity="sigmoid")
