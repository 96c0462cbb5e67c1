"""Random expression graphs: against differences, against scalar graphs, and scaled."""

import numpy as np
import pytest
from hypothesis import assume, example, given, target
from hypothesis import strategies as st

from autograd import (
    DTypeError,
    GradcheckError,
    NotDifferentiableError,
    Tensor,
    gradcheck,
    scalars,
)
from tests.strategies import Program, generic_values, programs, tie_values

# A binary operation on one and the same value: found and shrunk to this by a search.
SAME_VALUE = Program((np.array([1.0, 2.0, 0.0]),), (("maximum", (0, 0)),))
REPEATED = Program((np.array([1.0, 2.0, 0.5]),), (("repeat", (0,)), ("flip", (1,))))


def check(program, order):
    """Check against differences; at a kink there is nothing to compare with."""
    try:
        assert gradcheck(program, *program.inputs, order=order, rtol=1e-6, atol=1e-8)
    except GradcheckError as error:
        assume("kink" not in str(error) and "cannot decide" not in str(error))
        raise


@given(programs(generic_values))
@example(REPEATED)
def test_against_differences(program):
    target(float(len(program.steps)), label="steps")
    check(program, order=1)


@given(programs(generic_values, smooth=True, max_steps=4))
def test_second_order_against_differences(program):
    check(program, order=2)


@given(programs(tie_values))
@example(SAME_VALUE)
def test_against_differences_at_ties(program):
    check(program, order=1)


def gradients(function, inputs, seed=None):
    leaves = [Tensor(x) for x in inputs]
    result = function(*leaves)
    result.backward(np.ones(result.shape) if seed is None else seed)
    zeros = [np.zeros(leaf.shape) for leaf in leaves]
    found = [leaf.grad for leaf in leaves]
    return result.data, [
        z if g is None else g for g, z in zip(found, zeros, strict=True)
    ]


@given(programs(generic_values, smooth=True))
def test_scalar_graph_equals_tensor_graph(program):
    value, expected = gradients(lambda *xs: np.sum(program(*xs)), program.inputs)
    cells = [scalars(np.asarray(x)) for x in program.inputs]
    try:
        total = np.sum(program(*cells))
    except (NotDifferentiableError, DTypeError) as error:
        # NumPy unpacks a 0-d array of cells; broadcast, that is a tensor among cells,
        # which is refused.
        assume("met a tensor of shape" not in str(error))
        assume("of type ndarray (dtype object)" not in str(error))
        raise
    total = total if isinstance(total, Tensor) else total.item()
    total.backward()
    assert total.item() == pytest.approx(value, rel=1e-9, abs=1e-9)
    for array, gradient in zip(cells, expected, strict=True):
        found = [0.0 if cell.grad is None else cell.grad for cell in array.ravel()]
        np.testing.assert_allclose(found, np.ravel(gradient), rtol=1e-9, atol=1e-9)


@given(programs(generic_values), st.integers(-8, 8))
def test_scaling_the_seed_by_a_power_of_two_is_exact(program, power):
    value, plain = gradients(program, program.inputs)
    seed = np.full(np.shape(value), 2.0**power)
    _, scaled = gradients(program, program.inputs, seed)
    for a, b in zip(plain, scaled, strict=True):
        np.testing.assert_array_equal(a * 2.0**power, b)


@given(programs(generic_values))
def test_sum_with_itself_doubles_exactly(program):
    _, once = gradients(program, program.inputs)

    def twice(*inputs):
        y = program(*inputs)
        return y + y

    for a, b in zip(once, gradients(twice, program.inputs)[1], strict=True):
        np.testing.assert_array_equal(2 * a, b)


@given(programs(generic_values))
def test_same_bits_every_time(program):
    first, second = (gradients(program, program.inputs) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    for a, b in zip(first[1], second[1], strict=True):
        np.testing.assert_array_equal(a, b)


@given(programs(generic_values))
def test_lean_backward_gives_the_same_bits(program):
    _, expected = gradients(program, program.inputs)
    leaves = [Tensor(x) for x in program.inputs]
    result = program(*leaves)
    result.backward(np.ones(result.shape), keep="leaves")
    for leaf, gradient in zip(leaves, expected, strict=True):
        found = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
        np.testing.assert_array_equal(found, gradient)
