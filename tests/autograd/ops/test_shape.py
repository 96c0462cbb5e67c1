"""Axes, joins, splits, rearrangements, repetitions, diagonals and sampled functions.

Every case is one line of NumPy code.  Run on arrays it gives NumPy's own value; run on
tensors it must give the same value, and a gradient that differences confirm.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
from autograd import (
    AxisError,
    NotDifferentiableError,
    OutOfRangeError,
    ShapeError,
    Tensor,
    gradcheck,
)

V = np.array([0.7, -1.2, 2.5, 0.3])
A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
B = (np.arange(24.0) * 7 % 24).reshape(2, 3, 4) / 5 - 2.3
N = np.float64(1.5)
WINDOWS = np.lib.stride_tricks.sliding_window_view


class Case(NamedTuple):
    """A line of NumPy code and the arrays that it runs on."""

    call: Any
    arrays: tuple[Any, ...]


CASES = {
    "moveaxis": Case(lambda x: np.moveaxis(x, 0, -1), (B,)),
    "moveaxis-two": Case(lambda x: np.moveaxis(x, (0, -1), (-1, 0)), (B,)),
    "moveaxis-none": Case(lambda x: np.moveaxis(x, 1, 1) * 2, (B,)),
    "rollaxis": Case(lambda x: np.rollaxis(x, -1), (B,)),
    "rollaxis-start": Case(lambda x: np.rollaxis(x, 0, 3), (B,)),
    "permute_dims": Case(lambda x: np.permute_dims(x, (2, 0, 1)), (B,)),
    "matrix_transpose": Case(np.matrix_transpose, (B,)),
    "atleast_1d": Case(np.atleast_1d, (N,)),
    "atleast_1d-several": Case(lambda x, y: np.atleast_1d(x, y), (N, A)),
    "atleast_2d": Case(np.atleast_2d, (V,)),
    "atleast_3d-0": Case(np.atleast_3d, (N,)),
    "atleast_3d-1": Case(np.atleast_3d, (V,)),
    "atleast_3d-2": Case(np.atleast_3d, (A,)),
    "broadcast_arrays": Case(lambda x, y: np.broadcast_arrays(x, y), (A[:, :1], V)),
    "meshgrid": Case(lambda x, y: np.meshgrid(x, y), (V, A[0])),
    "meshgrid-ij": Case(lambda x, y: np.meshgrid(x, y, indexing="ij"), (V, A[0])),
    "meshgrid-sparse": Case(lambda x, y: np.meshgrid(x, y, sparse=True), (V, A[0])),
    "meshgrid-3": Case(lambda x, y, z: np.meshgrid(x, y, z), (V, A[0], A[1, :2])),
    "concatenate-empty": Case(lambda x, y: np.concatenate([x, y]), (V, V[:0])),
    "vstack": Case(lambda x, y: np.vstack([x, y]), (A, A[0])),
    "hstack": Case(lambda x, y: np.hstack([x, y]), (A, A[:, :1])),
    "hstack-vectors": Case(lambda x, y: np.hstack([x, y]), (V, N)),
    "dstack": Case(lambda x, y: np.dstack([x, y]), (A, A + 1)),
    "column_stack": Case(lambda x, y: np.column_stack([x, y]), (A, A[:, 0])),
    "append": Case(lambda x, y: np.append(x, y), (A, V)),
    "append-axis": Case(lambda x, y: np.append(x, y, axis=1), (A, A[:, :1])),
    "block": Case(
        lambda x, y: np.block([[x, np.ones((2, 2))], [np.zeros(3), y[:2]]]), (A, V)
    ),
    "block-vectors": Case(lambda x, y: np.block([x, y]), (V, N)),
    "block-one": Case(lambda x: np.block(x) * 1, (A,)),
    "split": Case(lambda x: np.split(x, 2), (V,)),
    "split-at": Case(lambda x: np.split(x, [1, 3], axis=-1), (B,)),
    "array_split": Case(lambda x: np.array_split(x, 3, axis=2), (B,)),
    "hsplit": Case(lambda x: np.hsplit(x, 3), (A,)),
    "hsplit-vector": Case(lambda x: np.hsplit(x, [1]), (V,)),
    "vsplit": Case(lambda x: np.vsplit(x, 2), (A,)),
    "dsplit": Case(lambda x: np.dsplit(x, 2), (B,)),
    "flip": Case(np.flip, (A,)),
    "flip-axes": Case(lambda x: np.flip(x, (0, -1)), (B,)),
    "fliplr": Case(np.fliplr, (A,)),
    "flipud": Case(np.flipud, (A,)),
    "rot90-0": Case(lambda x: np.rot90(x, 0) * 1, (A,)),
    "rot90-1": Case(np.rot90, (A,)),
    "rot90-2": Case(lambda x: np.rot90(x, 2), (A,)),
    "rot90-3": Case(lambda x: np.rot90(x, -1, axes=(2, 0)), (B,)),
    "roll": Case(lambda x: np.roll(x, 2), (A,)),
    "roll-back": Case(lambda x: np.roll(x, -1, axis=1), (A,)),
    "roll-far": Case(lambda x: np.roll(x, 7, axis=0), (V,)),
    "roll-two": Case(lambda x: np.roll(x, (1, -1), axis=(0, 2)), (B,)),
    "roll-twice": Case(lambda x: np.roll(x, (1, 2), axis=(0, 0)), (V,)),
    "repeat": Case(lambda x: np.repeat(x, 3), (A,)),
    "repeat-axis": Case(lambda x: np.repeat(x, 2, axis=1), (A,)),
    "repeat-0": Case(lambda x: np.repeat(x, 0, axis=1), (A,)),
    "repeat-uneven": Case(lambda x: np.repeat(x, [3, 0, 1], axis=-1), (A,)),
    "tile": Case(lambda x: np.tile(x, 2), (A,)),
    "tile-more": Case(lambda x: np.tile(x, (2, 1, 3)), (A,)),
    "tile-fewer": Case(lambda x: np.tile(x, (2,)), (B,)),
    "pad-constant": Case(lambda x: np.pad(x, 1), (A,)),
    "pad-value": Case(
        lambda x: np.pad(x, [(1, 0), (0, 2)], constant_values=3.5), (A,)
    ),
    "pad-values": Case(
        lambda x: np.pad(x, (1, 2), constant_values=((1, 2), (3, 4))), (A,)
    ),
    "pad-edge": Case(lambda x: np.pad(x, ((2, 1), (0, 3)), mode="edge"), (A,)),
    "pad-reflect": Case(lambda x: np.pad(x, (5, 4), mode="reflect"), (V,)),
    "pad-symmetric": Case(lambda x: np.pad(x, 2, mode="symmetric"), (A,)),
    "pad-wrap": Case(lambda x: np.pad(x, ((0, 1), (4, 2)), mode="wrap"), (A,)),
    "resize": Case(lambda x: np.resize(x, (3, 3)), (V,)),
    "resize-shorter": Case(lambda x: np.resize(x, 2), (V,)),
    "delete": Case(lambda x: np.delete(x, 1, axis=1), (A,)),
    "delete-several": Case(lambda x: np.delete(x, [0, -1]), (A,)),
    "delete-slice": Case(lambda x: np.delete(x, slice(1, 3)), (V,)),
    "insert": Case(lambda x, y: np.insert(x, 1, y), (V, N)),
    "insert-row": Case(lambda x, y: np.insert(x, 1, y, axis=0), (A, A[0])),
    "insert-several": Case(lambda x, y: np.insert(x, [1, 1, 3], y), (V, A[0])),
    "insert-run": Case(lambda x, y: np.insert(x, -1, y), (V, A[0])),
    "sliding_window_view": Case(lambda x: WINDOWS(x, (2, 2)), (A,)),
    "sliding_window_view-axis": Case(lambda x: WINDOWS(x, 3, axis=1), (B,)),
    "tril": Case(np.tril, (A,)),
    "tril-k": Case(lambda x: np.tril(x, 1), (B,)),
    "triu": Case(np.triu, (A,)),
    "triu-k": Case(lambda x: np.triu(x, -1), (B,)),
    "diag": Case(np.diag, (V,)),
    "diag-k": Case(lambda x: np.diag(x, -2), (V,)),
    "diag-of-matrix": Case(lambda x: np.diag(x, 1), (A,)),
    "diagflat": Case(lambda x: np.diagflat(x, 1), (A,)),
    "diagonal": Case(np.diagonal, (B,)),
    "diagonal-axes": Case(lambda x: np.diagonal(x, -1, axis1=2, axis2=0), (B,)),
    "diagonal-none": Case(lambda x: np.diagonal(x, 9), (A,)),
    "linalg-diagonal": Case(lambda x: np.linalg.diagonal(x, offset=1), (B,)),
    "linalg-trace": Case(np.linalg.trace, (B,)),
    "diff": Case(np.diff, (V,)),
    "diff-twice": Case(lambda x: np.diff(x, n=2, axis=1), (B,)),
    "diff-0": Case(lambda x: np.diff(x, n=0) * 1, (A,)),
    "diff-ends": Case(lambda x, y: np.diff(x, prepend=y, append=3.0), (A, N)),
    "ediff1d": Case(lambda x: np.ediff1d(x, to_end=[1.0], to_begin=2.0), (A,)),
    "trapezoid": Case(np.trapezoid, (A,)),
    "trapezoid-dx": Case(lambda x: np.trapezoid(x, dx=0.5, axis=0), (B,)),
    "trapezoid-x": Case(lambda y, x: np.trapezoid(y, x, axis=1), (B, A[0])),
    "trapezoid-xs": Case(lambda y, x: np.trapezoid(y, x), (A, np.cumsum(A * A, 1))),
    "interp": Case(
        lambda x, xp, fp: np.interp(x, xp, fp),
        (np.array([0.2, 1.7, -1.0, 9.0]), np.array([0.0, 1.0, 2.5]), A[0]),
    ),
    "interp-ends": Case(
        lambda x, fp: np.interp(x, [0.0, 1.0, 2.0], fp, left=-1.0, right=5.0),
        (np.array([[0.2, 1.7], [-1.0, 9.0]]), A[0]),
    ),
    "interp-one": Case(lambda x, fp: np.interp(x, [0.0], fp), (V, V[:1])),
    "gradient": Case(lambda f: np.gradient(f), (V,)),
    "gradient-axes": Case(lambda f: np.gradient(f, 0.5, 2.0, edge_order=1), (A,)),
    "gradient-spacing": Case(lambda f, h: np.gradient(f, h, axis=2), (B, N)),
    "gradient-2": Case(
        lambda f, x: np.gradient(f, x, axis=-1, edge_order=2),
        (B, np.array([0.0, 1.0, 1.5, 3.0])),
    ),
    **{
        f"convolve-{mode}-{m}": Case(
            lambda a, v, mode=mode: np.convolve(a, v, mode), (B[0, 0], B[1, 0][:m])
        )
        for mode in ("full", "same", "valid")
        for m in (1, 2, 3, 4)
    },
    "convolve-longer": Case(lambda a, v: np.convolve(a, v, "same"), (V[:2], V)),
    "correlate": Case(lambda a, v: np.correlate(a, v), (V, A[0])),
    "correlate-full": Case(lambda a, v: np.correlate(a, v, "full"), (V, A[0])),
    "correlate-same": Case(lambda a, v: np.correlate(a, v, "same"), (V, A[0, :2])),
    "linspace": Case(lambda a, b: np.linspace(a, b, 5), (N, -N)),
    "linspace-axis": Case(
        lambda a, b: np.linspace(a, b, 4, endpoint=False, axis=1), (V, N)
    ),
    "polyval": Case(lambda p, x: np.polyval(p, x), (V, A)),
    "vander": Case(np.vander, (V,)),
    "vander-up": Case(lambda x: np.vander(x, 3, increasing=True), (V,)),
}  # fmt: skip


def as_one(result):
    """Join several results to one vector, so that one check covers all of them."""
    if isinstance(result, list | tuple):
        return np.concatenate([np.ravel(part) for part in result])
    return result


@pytest.mark.parametrize("name", CASES)
def test_value_is_numpys(name):
    call, arrays = CASES[name]
    expected = call(*arrays)
    found = call(*(Tensor(x) for x in arrays))
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        assert all(isinstance(part, Tensor) for part in found)
        shapes = [part.shape for part in expected]
        assert [part.shape for part in found] == shapes
    assert isinstance(as_one(found), Tensor)
    assert as_one(found).shape == np.shape(as_one(expected))
    np.testing.assert_allclose(
        as_one(found).data, as_one(expected), rtol=1e-14, atol=1e-15
    )


@pytest.mark.parametrize("name", CASES)
def test_first_and_second_derivative(name):
    call, arrays = CASES[name]

    def squared(*tensors):  # the functions are linear: squaring shows the second order
        return as_one(call(*tensors)) ** 2

    # The second order too, where that is quick; the operations have their own test.
    few = sum(np.size(x) for x in arrays) <= 12
    assert gradcheck(squared, *arrays, order=2 if few else 1)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name):
    """As in NumPy, and also where NumPy's own function always computes in float64."""
    call, arrays = CASES[name]
    widened = name in ("interp", "interp-one", "vander", "vander-up")
    expected = as_one(call(*map(np.float32, arrays))).dtype
    leaves = [Tensor(np.float32(x)) for x in arrays]
    result = as_one(call(*leaves))
    assert result.dtype == (np.float32 if widened else expected)
    result.backward(np.ones(result.shape))
    assert [leaf.grad.dtype for leaf in leaves] == [np.float32] * len(leaves)


BARE = [name for name, case in CASES.items() if case.call is getattr(np, name, None)]


@pytest.mark.parametrize("name", BARE)
def test_our_function_on_arrays_gives_arrays(name):
    """`autograd.NAME` is NumPy's NAME, on plain arrays too."""
    call, arrays = CASES[name]
    result = getattr(ag, name)(*arrays)
    assert not isinstance(result, Tensor)
    np.testing.assert_allclose(result, call(*arrays), rtol=1e-15)


def test_unstack():
    x = Tensor(B)
    parts = ag.unstack(x, axis=1)
    assert [part.shape for part in parts] == [(2, 4)] * 3
    parts[1].sum().backward()
    np.testing.assert_array_equal(x.grad.sum(axis=(0, 2)), [0, 8, 0])


def test_methods():
    x = Tensor(A)
    assert x.T.shape == x.mT.shape == (3, 2)
    for result, expected in [
        (x.flatten(), A.flatten()),
        (x.copy(), A),
        (x.swapaxes(0, 1), A.T),
        (x.take([1, 0]), A.take([1, 0])),
        (x.repeat(2, axis=0), A.repeat(2, axis=0)),
        (x.diagonal(), A.diagonal()),
        (x.sort(axis=0), np.sort(A, axis=0)),
        (x.compress([False, True], axis=0), A[1:]),
    ]:
        assert isinstance(result, Tensor)
        assert result.requires_grad
        np.testing.assert_array_equal(result.data, expected)
    for found, expected in [
        (x.argmax(), A.argmax()),
        (x.argmin(axis=1), A.argmin(axis=1)),
        (x.argsort(), A.argsort()),
        (x.nonzero(), A.nonzero()),
        (x.any(axis=0), A.any(axis=0)),
        (x.all(), A.all()),
    ]:
        assert not isinstance(found, Tensor)
        np.testing.assert_array_equal(found, expected)


def test_copy_is_a_new_array():
    x = Tensor(A)
    assert not np.shares_memory(np.copy(x).data, x.data)


# ---- rows D of the table of traps ----------------------------------------------------


def test_d01_broadcast_gradients_are_summed():
    a, b = Tensor(np.ones((3, 1))), Tensor([[1.0, 2.0]])
    (a * b).sum().backward()
    np.testing.assert_array_equal(a.grad, [[3], [3], [3]])
    np.testing.assert_array_equal(b.grad, [[3, 3]])


def test_d02_number_times_vector():
    a, b = Tensor(2.0), Tensor([1.0, 2.0, 3.0])
    (a * b).sum().backward()
    assert a.grad == 6
    assert np.shape(a.grad) == ()
    np.testing.assert_array_equal(b.grad, [2, 2, 2])


def test_d03_broadcasting_with_an_empty_axis():
    a, b = Tensor(np.ones((4, 1))), Tensor(np.ones((4, 0)))
    (a + b).sum().backward()
    np.testing.assert_array_equal(a.grad, np.zeros((4, 1)))
    assert b.grad.shape == (4, 0)


@pytest.mark.parametrize(("reduce", "value"), [(np.sum, 0.0), (np.prod, 1.0)])
def test_d04_d07_empty_sum_and_product(reduce, value):
    x = Tensor(np.zeros(0))
    y = reduce(x)
    y.backward()
    assert y.data == value
    assert x.grad.shape == (0,)


def test_d05_empty_mean_is_nan_and_warns():
    x = Tensor(np.zeros(0))
    with pytest.warns(RuntimeWarning):
        y = np.mean(x)
    assert np.isnan(y.data)
    y.backward()
    assert x.grad.shape == (0,)


def test_d06_empty_max_says_why():
    with pytest.raises(ValueError, match=r"\(0,\)"):
        np.max(Tensor(np.zeros(0)))


def test_d08_matmul_over_an_empty_axis():
    a, b = Tensor(np.ones((2, 0))), Tensor(np.ones((0, 3)))
    y = a @ b
    y.sum().backward()
    np.testing.assert_array_equal(y.data, np.zeros((2, 3)))
    assert a.grad.shape == (2, 0)
    assert b.grad.shape == (0, 3)


def test_d13_vector_times_matrix():
    v, m = Tensor([1.0, 2.0]), Tensor(np.ones((2, 3)))
    (v @ m).sum().backward()
    np.testing.assert_array_equal(v.grad, [3, 3])
    np.testing.assert_array_equal(m.grad, [[1, 1, 1], [2, 2, 2]])


def test_d14_batches_of_matrices_broadcast():
    a, b = Tensor(np.ones((1, 2, 2))), Tensor(np.ones((3, 2, 1)))
    (a @ b).sum().backward()
    np.testing.assert_array_equal(a.grad, [[[3, 3], [3, 3]]])
    np.testing.assert_array_equal(b.grad, np.full((3, 2, 1), 2))


def test_d15_both_paths_of_pairwise_differences():
    x = Tensor([1.0, 2.0, 4.0])
    ((x[:, None] - x[None, :]) ** 2).sum().backward()
    np.testing.assert_array_equal(x.grad, [-16, -4, 20])


def test_d16_repeat_with_unequal_counts():
    x = Tensor([1.0, 2.0])
    np.repeat(x, [3, 0]).sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 0])


def test_d17_concatenate_with_nothing():
    a, b = Tensor([1.0, 2.0]), Tensor(np.zeros(0))
    np.concatenate([a, b]).sum().backward()
    np.testing.assert_array_equal(a.grad, [1, 1])
    assert b.grad.shape == (0,)


def test_d18_mean_over_two_axes():
    x = Tensor(np.arange(8.0).reshape(2, 2, 2))
    y = x.mean(axis=(0, 2))
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [2.5, 4.5])
    np.testing.assert_array_equal(x.grad, np.full((2, 2, 2), 0.25))


def test_d19_sum_over_no_axis():
    x = Tensor([1.0, 2.0])
    y = x.sum(axis=())
    y.backward(np.ones(2))
    np.testing.assert_array_equal(y.data, [1, 2])
    np.testing.assert_array_equal(x.grad, [1, 1])


# ---- what goes wrong -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: np.flip(x, 2), AxisError, r"flip: axis 2 .*x \(2, 3\) float64"),
        (lambda x: np.moveaxis(x, 5, 0), AxisError, "moveaxis: axis 5 does not exist"),
        (lambda x: np.moveaxis(x, (0, 0), (0, 1)), AxisError, "named twice"),
        (lambda x: np.moveaxis(x, (0, 1), (0,)), AxisError, "2 source axes and 1"),
        (lambda x: np.rollaxis(x, 0, 9), AxisError, "start=9"),
        (lambda x: np.matrix_transpose(x[0]), ShapeError, "fewer than two axes"),
        (
            lambda x: np.broadcast_arrays(x, np.ones(2)),
            ShapeError,
            r"no common shape for x \(2, 3\).*array \(2,\)",
        ),
        (lambda x: ag.meshgrid(x, indexing="no"), ValueError, '"xy" or "ij"'),
        (lambda x: np.split(x, 2, axis=1), ShapeError, "length 3.*array_split"),
        (lambda x: np.array_split(x, 0), ShapeError, "must be positive, got 0"),
        (lambda x: np.vsplit(x[0], 1), ShapeError, "vsplit: .*at least 2 axes"),
        (lambda x: np.block([[x], x]), ShapeError, "equally deep"),
        (lambda x: np.block([[x], []]), ShapeError, "empty"),
        (lambda x: ag.rot90(x, axes=(0,)), ShapeError, "two axes"),
        (lambda x: np.repeat(x, [1, 2], axis=1), ShapeError, r"3 elements.*\(2,\)"),
        (lambda x: np.pad(x, -1), ShapeError, "must not be negative"),
        (lambda x: np.pad(x, [(1, 1)] * 3), ShapeError, r"pad: .*2 axes of x"),
        (lambda x: np.pad(x, {5: 1}), AxisError, "pad: axis 5 does not exist"),
        (lambda x: np.delete(x, 9), OutOfRangeError, "delete: .*9 .*size 6"),
        (lambda x: np.insert(x, 9, 1.0), OutOfRangeError, r"insert: .*9 .*size 6"),
        (lambda x: np.insert(x, [0], x), ShapeError, "broadcast_to"),
        (lambda x: np.repeat(x, -1), ShapeError, "must not be negative, got -1"),
        (lambda x: np.tile(x, -1), ShapeError, "must not be negative, got -1"),
        (lambda x: np.resize(x, -2), ShapeError, "must not be negative"),
        (lambda x: np.linspace(x, np.ones(2)), ShapeError, "no common shape"),
        (lambda x: np.tril(x[0, 0]), ShapeError, "tril: .*no axes"),
        (lambda x: np.triu(x[0, 0]), ShapeError, "triu: .*no axes"),
        (lambda x: np.pad(x, 1, mode="mean"), NotDifferentiableError, "'edge'"),
        (lambda x: WINDOWS(x, 4, axis=1), ShapeError, "window of 4 does not fit"),
        (lambda x: WINDOWS(x, 2), ShapeError, "1 window sizes for 2 axes"),
        (lambda x: np.diag(x[None]), ShapeError, "neither a vector nor a matrix"),
        (lambda x: np.diagonal(x, axis1=1, axis2=1), AxisError, "named twice"),
        (lambda x: np.diff(x, -1), ValueError, "n must not be negative"),
        (lambda x: np.interp(0.0, x, x), ShapeError, "vectors of one length"),
        (lambda x: np.gradient(x, 1.0, 1.0, 1.0), ShapeError, "3 spacings for 2 axes"),
        (lambda x: np.gradient(x, axis=0, edge_order=2), ShapeError, "at least 3"),
        (lambda x: np.convolve(x, x), ShapeError, "two vectors"),
        (lambda x: ag.convolve(x[0], x[0], "some"), ValueError, '"same"'),
        (lambda x: np.vander(x), ShapeError, "not a vector"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    x = Tensor(A, name="x")
    with pytest.raises(error, match=text):
        call(x)
