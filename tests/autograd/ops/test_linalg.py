"""Products, einsum, norms, systems, determinants and decompositions."""

import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import (
    LinAlgError,
    NotDifferentiableError,
    ShapeError,
    Tensor,
    gradcheck,
    linalg,
)

V = np.array([0.5, -1.5, 2.0])
A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
S = np.array([[2.0, -0.5, 0.3], [0.7, 1.0, 0.4], [-0.3, 0.9, 1.5]])
B = np.random.default_rng(11).normal(size=(2, 3, 4))
BATCH = np.stack([S, S.T + 0.3 * np.eye(3)])
POSITIVE = S @ S.T + np.eye(3)
N = np.float64(1.5)


def order_for(arrays):
    """Check the second order too, where that is quick; the operations have theirs."""
    return 2 if sum(np.size(x) for x in arrays) <= 18 else 1


def as_one(result):
    """Join several results to one vector, so that one check covers all of them."""
    if isinstance(result, tuple):
        return np.concatenate([np.ravel(part) for part in result])
    return result


EINSUMS = {
    "D09 ii->i": ("ii->i", S),
    "D10 ii->": ("ii->", S),
    "D11 ij->": ("ij->", A),
    "D12 i,j->": ("i,j->", V, A[0]),
    "ij->j": ("ij->j", A),
    "ij->ji": ("ij->ji", A),
    "ij,jk": ("ij,jk", A, S),
    "ij,jk->ki": ("ij,jk->ki", A, S),
    "ij,ij->ij": ("ij,ij->ij", A, A + 1),
    "iij->ij": ("iij->ij", BATCH[:, :2]),
    "iii->i": ("iii->i", B[:, :2, :2]),
    "iii->": ("iii->", B[:, :2, :2]),
    "implicit trace": ("ii", S),
    "implicit transpose": ("ba", A),
    "implicit repeated": ("ij,ij", A, A),
    "i,i->i": ("i,i->i", V, V),
    "i,->i": ("i,->i", V, N),
    ",->": (",->", N, N),
    "ii,jk->ik": ("ii,jk->ik", S, A),
    "bij,bjk->bik": ("bij,bjk->bik", BATCH, B),
    "bij,bj->i": ("bij,bj->i", BATCH, A),
    "...ij,...jk": ("...ij,...jk", BATCH, S),
    "...j,j->...": ("...j,j->...", BATCH, V),
    "i...->...": ("i...->...", B),
    "i...,j...->ij...": ("i...,j...->ij...", A, S),
    "...,...": ("...,...", A, V),
    "ij...,jk->ik...": ("ij...,jk->ik...", B, S),
    "...ii->...i": ("...ii->...i", BATCH),
    "three": ("ij,jk,kl->il", A, S, B[0]),
    "three, one index": ("i,i,i->", V, A[0], A[1]),
    "three, diagonal": ("ij,jj,ij->i", A, S, A),
    "spaces": (" i j , j k -> i k ", A, S),
    "broadcast of length 1": ("ij,ij->ij", A[:, :1], A),
    "broadcast and sum": ("ij,ij->", A[:, :1], A),
    "broadcast against kept": ("ij,jk->jk", A[:, :1], S),
}


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("name", EINSUMS)
def test_einsum(name, optimize):
    subscripts, *arrays = EINSUMS[name]

    def call(*operands):
        return np.einsum(subscripts, *operands, optimize=optimize)

    expected = call(*arrays)
    found = call(*map(Tensor, arrays))
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found.data, expected, rtol=1e-14, atol=1e-15)
    assert gradcheck(
        lambda *operands: call(*operands) ** 2, *arrays, order=order_for(arrays)
    )


@pytest.mark.parametrize("name", EINSUMS)
def test_einsum_against_torch(name):
    torch = pytest.importorskip("torch")
    subscripts, *arrays = EINSUMS[name]
    if name == "spaces":
        subscripts = subscripts.replace(" ", "")
    ours = [Tensor(x) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    weights = np.cos(np.arange(np.einsum(subscripts, *arrays).size))
    (np.ravel(np.einsum(subscripts, *ours)) * weights).sum().backward()
    result = torch.einsum(subscripts, *theirs)
    (result.reshape(-1) * torch.tensor(weights)).sum().backward()
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x.grad, y.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_einsum_with_lists_of_axes():
    x, y = Tensor(A), Tensor(S)
    expected = np.einsum("ij,jk->ki", A, S)
    for found in (
        np.einsum(x, [0, 1], y, [1, 2], [2, 0]),
        np.einsum(x, [Ellipsis, 1], y, [1, 2], [2, Ellipsis]),
    ):
        np.testing.assert_allclose(found.data, expected, rtol=1e-14)
    np.testing.assert_allclose(np.einsum(x, [1, 0]).data, A.T)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: np.einsum("ij,jk->ik", x), "2 terms, but there are 1 arrays"),
        (
            lambda x: np.einsum("ijk->i", x),
            r"3 indices, but array 0 has shape \(2, 3\)",
        ),
        (lambda x: np.einsum("i->i", x), "1 indices"),
        (lambda x: np.einsum("ij,jk->ik", x, x), "einsum"),
    ],
)
def test_einsum_errors(call, text):
    with pytest.raises(ShapeError, match=text):
        call(Tensor(A))


PRODUCTS = {
    "vdot": (np.vdot, (A, A + 1)),
    "inner": (np.inner, (V, V + 1)),
    "inner-matrices": (np.inner, (A, S)),
    "inner-batch": (np.inner, (BATCH, V)),
    "inner-number": (np.inner, (N, A)),
    "outer": (np.outer, (V, A)),
    "linalg-outer": (np.linalg.outer, (V, A[0])),
    "multiply-outer": (np.multiply.outer, (A, V)),
    "tensordot": (np.tensordot, (B, B[0])),
    "tensordot-1": (lambda a, b: np.tensordot(a, b, 1), (A, S)),
    "tensordot-0": (lambda a, b: np.tensordot(a, b, 0), (A, V)),
    "tensordot-axes": (lambda a, b: np.tensordot(a, b, ([1, 0], [1, 0])), (B, A)),
    "tensordot-pair": (lambda a, b: np.tensordot(a, b, (-1, 0)), (A, S)),
    "tensordot-empty": (
        lambda a, b: np.tensordot(a, b, 1),
        (np.ones((2, 0)), np.ones((0, 3))),
    ),
    "kron": (np.kron, (A, S)),
    "kron-vectors": (np.kron, (V, A)),
    "cross": (np.cross, (V, A)),
    "cross-axes": (lambda a, b: np.cross(a, b, axisa=0, axisc=0), (A.T, A + 1)),
    "cross-axis": (lambda a, b: np.cross(a, b, axis=0), (A.T, S[:, :2])),
    "linalg-cross": (np.linalg.cross, (A, A[::-1])),
    "vecdot": (np.vecdot, (A, V)),
    "vecdot-axis": (lambda *x: np.linalg.vecdot(*x, axis=0), (A, A + 1)),  # type: ignore[call-overload]
    "linalg-matmul": (np.linalg.matmul, (A, S)),
    "matrix_power-0": (lambda a: np.linalg.matrix_power(a, 0), (S,)),
    "matrix_power-1": (lambda a: np.linalg.matrix_power(a, 1), (S,)),
    "matrix_power-3": (lambda a: np.linalg.matrix_power(a, 3), (BATCH,)),
    "matrix_power-10": (lambda a: np.linalg.matrix_power(a, 10), (S / 2,)),
    "matrix_power-(-2)": (lambda a: np.linalg.matrix_power(a, -2), (S,)),
    "multi_dot": (lambda *x: np.linalg.multi_dot(x), (A, S, B[0], B[1, :2].T)),
    "multi_dot-vectors": (lambda *x: np.linalg.multi_dot(x), (V, S, V)),
    "multi_dot-2": (lambda *x: np.linalg.multi_dot(x), (A, S)),
}
if hasattr(np, "matvec"):
    PRODUCTS["matvec"] = (np.matvec, (BATCH, A))
    PRODUCTS["vecmat"] = (np.vecmat, (A, BATCH))

SYSTEMS = {
    "inv": (np.linalg.inv, (S,)),
    "inv-batch": (np.linalg.inv, (BATCH,)),
    "solve": (np.linalg.solve, (S, S[:, :2])),
    "solve-vector": (np.linalg.solve, (S, V)),
    "solve-batch": (np.linalg.solve, (BATCH, V)),
    "solve-broadcast": (np.linalg.solve, (BATCH[:, None], B)),
    "det": (np.linalg.det, (S,)),
    "det-batch": (np.linalg.det, (BATCH,)),
    "det-empty": (np.linalg.det, (np.zeros((0, 0)),)),
    "slogdet": (np.linalg.slogdet, (-S,)),
    "slogdet-batch": (np.linalg.slogdet, (BATCH,)),
    "pinv": (np.linalg.pinv, (A,)),
    "pinv-tall": (np.linalg.pinv, (A.T,)),
    "pinv-rcond": (lambda a: np.linalg.pinv(a, rcond=1e-12), (BATCH,)),
    "tensorsolve": (
        np.linalg.tensorsolve,
        (np.reshape(np.eye(4) + np.arange(16.0).reshape(4, 4) / 9, (4, 2, 2)), B[0, 0]),
    ),
    "tensorsolve-axes": (
        lambda a, b: np.linalg.tensorsolve(a, b, axes=(0,)),
        (np.reshape(S + np.eye(3), (3, 3)), V),
    ),
    "tensorinv": (
        lambda a: np.linalg.tensorinv(a, ind=1),
        (np.reshape(np.eye(4) + np.arange(16.0).reshape(4, 4) / 9, (4, 2, 2)),),
    ),
    "cholesky": (np.linalg.cholesky, (POSITIVE,)),
    "cholesky-upper": (lambda a: np.linalg.cholesky(a, upper=True), (POSITIVE,)),
    "eigh": (lambda a: np.linalg.eigh(a).eigenvalues, (POSITIVE,)),
    "eigvalsh": (np.linalg.eigvalsh, (POSITIVE,)),
    "eigvalsh-upper": (
        lambda a: np.linalg.eigvalsh(a, "U"),
        (np.stack([S, POSITIVE]),),
    ),
    "svdvals": (np.linalg.svdvals, (A,)),
    "svd-values": (lambda a: np.linalg.svd(a, compute_uv=False), (BATCH,)),
    "svd-square": (np.linalg.svd, (S,)),
    "svd": (lambda a: np.linalg.svd(a, full_matrices=False), (A,)),
    "svd-tall": (lambda a: np.linalg.svd(a, full_matrices=False), (A.T,)),
    "qr": (np.linalg.qr, (S,)),
    "qr-tall": (np.linalg.qr, (A.T,)),
    "qr-wide": (np.linalg.qr, (A,)),
    "qr-batch": (np.linalg.qr, (B,)),
    "qr-r": (lambda a: np.linalg.qr(a, mode="r"), (A.T,)),
    "qr-complete": (lambda a: np.linalg.qr(a, mode="complete"), (A,)),
}

NORMS = {
    "vector": (np.linalg.norm, (V,)),
    "any shape": (np.linalg.norm, (B,)),
    "any shape, keepdims": (lambda x: np.linalg.norm(x, None, keepdims=True), (B,)),  # type: ignore[call-overload]
    **{
        f"vector {p}": (lambda x, p=p: np.linalg.norm(x, p), (V,))
        for p in (1, 2, 3, 1.5, 0.5, -1, -2, np.inf, -np.inf)
    },
    **{
        f"rows {p}": (lambda x, p=p: np.linalg.norm(x, p, axis=1), (B,))
        for p in (None, 1, 2, 3.5, np.inf)
    },
    **{
        f"matrix {p}": (lambda x, p=p: np.linalg.norm(x, p), (A,))
        for p in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    },
    **{
        f"matrices {p}": (
            lambda x, p=p: np.linalg.norm(x, p, axis=(0, 2), keepdims=True),
            (B,),
        )
        for p in ("fro", "nuc", 1, 2, -np.inf)
    },
    "keepdims": (lambda x: np.linalg.norm(x, axis=0, keepdims=True), (A,)),
    "vector_norm": (lambda x: np.linalg.vector_norm(x, axis=(0, 2), ord=3), (B,)),
    "vector_norm-keepdims": (
        lambda x: np.linalg.vector_norm(x, axis=(2, 1), keepdims=True, ord=np.inf),
        (B,),
    ),
    "vector_norm-axis": (lambda x: np.linalg.vector_norm(x, axis=1), (B,)),
    "vector_norm-all": (lambda x: np.linalg.vector_norm(x, ord=1), (B,)),
    "matrix_norm": (np.linalg.matrix_norm, (B,)),
    "matrix_norm-nuc": (
        lambda x: np.linalg.matrix_norm(x, ord="nuc", keepdims=True),
        (B,),
    ),
    "cond": (np.linalg.cond, (S,)),
    "cond--2": (lambda x: np.linalg.cond(x, -2), (A,)),
    "cond-1": (lambda x: np.linalg.cond(x, 1), (S,)),
    "cond-fro": (lambda x: np.linalg.cond(x, "fro"), (BATCH,)),
}

EVERY = {**PRODUCTS, **SYSTEMS, **NORMS}


@pytest.mark.parametrize("name", EVERY)
def test_value_is_numpys(name):
    call, arrays = EVERY[name]
    expected = call(*arrays)
    found = call(*map(Tensor, arrays))
    if isinstance(expected, tuple):
        assert type(found).__name__ == type(expected).__name__
        assert found._fields == expected._fields
        assert [part.shape for part in found] == [np.shape(p) for p in expected]
    assert as_one(found).shape == np.shape(as_one(expected))
    np.testing.assert_allclose(
        as_one(found).data, as_one(expected), rtol=1e-13, atol=1e-14
    )


@pytest.mark.parametrize("name", EVERY)
def test_first_and_second_derivative(name):
    call, arrays = EVERY[name]
    assert gradcheck(lambda *x: as_one(call(*x)) ** 2, *arrays, order=order_for(arrays))


@pytest.mark.parametrize("name", EVERY)
def test_float32_stays_float32(name):
    call, arrays = EVERY[name]
    leaves = [Tensor(np.float32(x)) for x in arrays]
    result = as_one(call(*leaves))
    assert result.dtype == np.float32
    result.backward(np.ones(result.shape, np.float32))
    assert [leaf.grad.dtype for leaf in leaves] == [np.float32] * len(leaves)


TORCH = {
    "inv": (lambda np_: np_.linalg.inv, (S,)),
    "solve": (lambda np_: np_.linalg.solve, (BATCH, S)),
    "det": (lambda np_: np_.linalg.det, (BATCH,)),
    "slogdet": (lambda np_: lambda a: np_.linalg.slogdet(a)[1], (-BATCH,)),
    "pinv": (lambda np_: np_.linalg.pinv, (A,)),
    "cholesky": (lambda np_: lambda a: np_.linalg.cholesky(a @ a.mT), (BATCH,)),
    "eigvalsh": (lambda np_: lambda a: np_.linalg.eigvalsh(a + a.mT), (S,)),
    "eigh": (lambda np_: lambda a: np_.linalg.eigh(a + a.mT)[1] ** 2, (S,)),
    "svdvals": (lambda np_: np_.linalg.svdvals, (A,)),
    "svd-U": (
        lambda np_: lambda a: np_.linalg.svd(a, full_matrices=False)[0] ** 2,
        (A.T,),
    ),
    "svd-Vh": (
        lambda np_: lambda a: np_.linalg.svd(a, full_matrices=False)[2] ** 2,
        (A,),
    ),
    "qr-Q": (lambda np_: lambda a: np_.linalg.qr(a)[0] ** 2, (A.T,)),
    "qr-R": (lambda np_: lambda a: np_.linalg.qr(a)[1] ** 2, (A,)),
    "kron": (lambda np_: np_.kron, (A, S)),
    "nuclear": (lambda np_: lambda a: np_.linalg.norm(a, "nuc"), (A,)),
    "spectral": (lambda np_: lambda a: np_.linalg.norm(a, 2), (A,)),
    "norm-3": (lambda np_: lambda a: np_.linalg.norm(a, 3), (V,)),
    "norm-half": (lambda np_: lambda a: np_.linalg.norm(a, 0.5), (V,)),
}


@pytest.mark.parametrize("name", TORCH)
def test_against_torch(name):
    torch = pytest.importorskip("torch")
    choose, arrays = TORCH[name]
    ours = [Tensor(x) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    result = choose(np)(*ours)
    weights = np.cos(np.arange(result.size)).reshape(result.shape)
    (result * weights).sum().backward()
    reference = choose(torch)(*theirs)
    (reference * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(result.data, reference.detach(), rtol=1e-9, atol=1e-12)
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x.grad, y.grad.numpy(), rtol=1e-8, atol=1e-10)


# ---- rows of the table of traps ------------------------------------------------------


def gradient_of(call, *arrays):
    leaves = [Tensor(x) for x in arrays]
    call(*leaves).backward()
    return leaves[0].grad if len(leaves) == 1 else [leaf.grad for leaf in leaves]


def test_a20_ties_of_the_maximum_norm_share():
    found = gradient_of(lambda x: np.linalg.norm(x, np.inf), [3.0, -3.0, 1.0])
    np.testing.assert_array_equal(found, [0.5, -0.5, 0])


@pytest.mark.parametrize("p", [None, 2, 1, 3, 1.5, 0.5, "fro"])
def test_b02_norm_at_zero(p):
    zero = np.zeros((2, 2) if p == "fro" else 2)
    found = gradient_of(lambda x: np.linalg.norm(x, p), zero)
    np.testing.assert_array_equal(found, zero)


def test_b03_square_of_norm_at_zero():
    np.testing.assert_array_equal(
        gradient_of(lambda x: np.linalg.norm(x) ** 2, [0.0, 0.0]), [0, 0]
    )


def test_b04_root_of_a_sum_of_squares_at_zero_is_nan():
    with pytest.warns(RuntimeWarning):
        found = gradient_of(lambda x: np.sqrt(np.sum(x * x)), [0.0, 0.0])
    np.testing.assert_array_equal(found, [np.nan, np.nan])


def test_b05_one_norm_at_zero():
    np.testing.assert_array_equal(
        gradient_of(lambda x: np.linalg.norm(x, 1), [0.0, -2.0]), [0, -1]
    )


def test_norm_of_rows_of_which_one_is_zero():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    found = gradient_of(lambda t: np.linalg.norm(t, axis=1).sum(), x)
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0]])


def test_h29_second_derivative_of_norm_at_zero_is_nan():
    slope = ag.grad(lambda x: np.linalg.norm(x))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = ag.grad(lambda x: slope(x).sum())(np.zeros(2))
    np.testing.assert_array_equal(found, [np.nan, np.nan])


@pytest.mark.parametrize("p", [2, 3, 1.5])
@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_c15_norm_does_not_overflow(p, size):
    x = Tensor([size, size])
    length = np.linalg.norm(x, p)
    length.backward()
    np.testing.assert_allclose(length.data, size * 2 ** (1 / p), rtol=1e-13)
    np.testing.assert_allclose(x.grad, np.full(2, 2 ** (1 / p - 1)), rtol=1e-13)


def test_c15_norm_of_float32_and_of_infinity():
    x = Tensor(np.float32([1e30, 1e30]))
    length = np.linalg.norm(x)
    length.backward()
    assert length.dtype == x.grad.dtype == np.float32
    np.testing.assert_allclose(x.grad, [0.5**0.5] * 2, rtol=1e-6)
    assert np.linalg.norm(Tensor([np.inf, 1.0])).data == np.inf
    assert np.isnan(np.linalg.norm(Tensor([np.nan, 1.0])).data)


def test_b32_h31_det_at_a_singular_matrix_is_the_adjugate():
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    found = gradient_of(np.linalg.det, singular)
    np.testing.assert_allclose(found, [[4, -2], [-2, 1]], rtol=1e-14)
    assert gradcheck(np.linalg.det, singular)


@pytest.mark.parametrize(
    "matrix",
    [
        np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.5, -1.0, 2.0]]),
        np.ones((3, 3)),
        np.diag([1.0, 0.0, 0.0, 2.0]),
        np.eye(3),
        np.zeros((2, 2)),
        np.zeros((1, 1)),
        np.stack([np.eye(2), np.zeros((2, 2)), np.ones((2, 2))]),
    ],
    ids=["rank 2", "rank 1", "two zeros", "identity", "zero", "1 by 1", "batch"],
)
def test_h31_det_to_the_second_order(matrix):
    assert gradcheck(np.linalg.det, matrix)


def test_b33_det_of_zeros():
    found = gradient_of(np.linalg.det, np.zeros((3, 3)))
    np.testing.assert_array_equal(found, np.zeros((3, 3)))


def test_third_derivative_of_det():
    """det of a 3 by 3 matrix is a cubic: along a direction D its third is 6 det D."""
    D = Tensor(S, requires_grad=False)

    def along(t):
        return np.linalg.det(POSITIVE + t * D)

    third = ag.grad(ag.grad(ag.grad(along)))(0.3)
    np.testing.assert_allclose(third, 6 * np.linalg.det(S), rtol=1e-9)


def test_b34_eigenvalues_alone_may_repeat():
    found = gradient_of(lambda x: np.sum(np.linalg.eigvalsh(x) ** 2), np.eye(2))
    np.testing.assert_array_equal(found, [[2, 0], [0, 2]])
    found = gradient_of(lambda x: np.sum(np.linalg.svdvals(x)), np.eye(2))
    np.testing.assert_allclose(found, np.eye(2), atol=1e-15)


def test_b34_eigenvectors_of_a_repeated_eigenvalue_warn():
    with pytest.warns(RuntimeWarning, match="eigh: a value is repeated"):
        found = gradient_of(lambda x: np.linalg.eigh(x)[1].sum(), np.eye(2))
    assert np.isnan(found).any()


def test_i41_singular_vectors_of_a_repeated_value_warn():
    with pytest.warns(RuntimeWarning, match="svd: a value is repeated"):
        found = gradient_of(lambda x: np.linalg.svd(x).U.sum(), np.eye(2))
    assert np.isnan(found).any()


def test_i38_solve_names_the_singular_matrix():
    with pytest.raises(
        np.linalg.LinAlgError, match=r"solve: the matrix is singular: W1"
    ):
        np.linalg.solve(Tensor(np.ones((2, 2)), name="W1"), np.ones(2))
    batch = np.stack([np.eye(2), np.ones((2, 2))])
    with pytest.raises(LinAlgError, match=r"matrix \(1,\) of the batch is singular"):
        np.linalg.inv(Tensor(batch))


def test_i39_cholesky_names_the_leading_minor():
    indefinite = np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    with pytest.raises(LinAlgError, match=r"not positive definite.* minor of order 2 "):
        np.linalg.cholesky(Tensor(indefinite))
    with pytest.raises(LinAlgError, match=r"matrix \(1,\) of the batch"):
        np.linalg.cholesky(Tensor(np.stack([np.eye(3), indefinite])))


def test_slogdet_of_a_singular_matrix():
    x = Tensor(np.ones((2, 2)))
    sign, logabsdet = np.linalg.slogdet(x)
    assert sign.data == 0
    assert logabsdet.data == -np.inf
    with pytest.raises(np.linalg.LinAlgError, match=r"(?s)Singular.*slogdet"):
        logabsdet.backward()


def test_one_triangle_is_read_and_receives_the_gradient():
    found = gradient_of(lambda x: np.linalg.eigvalsh(x)[0], POSITIVE)
    vector = np.linalg.eigh(POSITIVE)[1][:, 0]
    textbook = np.outer(vector, vector)
    np.testing.assert_array_equal(np.triu(found, 1), np.zeros((3, 3)))
    np.testing.assert_allclose((found + found.T) / 2, textbook, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: np.linalg.inv(x), LinAlgError, r"square.*W \(2, 3\)"),
        (lambda x: np.linalg.cholesky(x), LinAlgError, "square"),
        (lambda x: np.linalg.det(x), LinAlgError, "square"),
        (lambda x: np.linalg.matrix_power(x, 2), ShapeError, "not a square matrix"),
        (lambda x: np.linalg.multi_dot([x]), ShapeError, "at least two arrays"),
        (lambda x: np.linalg.svd(x), NotDifferentiableError, "full_matrices=False"),
        (lambda x: np.linalg.svd(x, hermitian=True), NotDifferentiableError, "eigh"),
        (lambda x: np.linalg.qr(x.T, "complete"), NotDifferentiableError, "'reduced'"),
        (lambda x: linalg.qr(x[0]), ShapeError, "qr: .*at least two axes"),
        (lambda x: linalg.svd(x[0]), ShapeError, "svd: .*at least two axes"),
        (lambda x: linalg.eigh(x, "Q"), ValueError, "UPLO"),
        (lambda x: np.linalg.qr(x, "raw"), NotDifferentiableError, "'reduced'"),
        (lambda x: np.linalg.tensorsolve(x, np.ones(2)), ShapeError, "not square"),
        (lambda x: np.linalg.tensorinv(x, 1), ShapeError, "not square"),
        (lambda x: np.linalg.norm(x, "nuc", axis=0), ShapeError, "is for matrices"),
        (lambda x: np.linalg.norm(x, 3), ShapeError, "no norm of matrices"),
        (lambda x: np.linalg.norm(x[None], 1), ShapeError, "Name one axis or two"),
        (lambda x: np.cross(x[:, :2], x), ShapeError, "must have 3 elements"),
        (lambda x: np.vecdot(x, np.ones(2)), ShapeError, "vecdot: .*differ in axis -1"),
        (lambda x: np.tensordot(x, x, 1), ShapeError, r"axes \(1,\).*agree in length"),
        (lambda x: np.vdot(x, np.ones(2)), ShapeError, "inner sizes differ"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(Tensor(A, name="W"))


def test_qr_of_dependent_columns_fails_in_the_backward_pass():
    R = np.linalg.qr(Tensor([[1.0, 0.0], [0.0, 0.0]]))[1]
    with pytest.raises(np.linalg.LinAlgError, match=r"(?s)Singular.*qr"):
        R.sum().backward()


def test_norm_0_counts():
    count = np.linalg.norm(Tensor([0.0, 2.0, 3.0]), 0)
    assert count == 2
    assert not isinstance(count, Tensor)


def test_linalg_offers_what_numpy_offers():
    missing = set(np.linalg.__all__) - set(linalg.__all__)
    assert missing == {"eig", "eigvals", "lstsq", "matrix_rank"}
