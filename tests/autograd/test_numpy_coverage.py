"""Every NumPy function that tensors can override is decided about, and behaves so."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import overrides

import autograd as ag
from autograd import NotDifferentiableError, Tensor, gradcheck
from autograd.numpy_coverage import coverage, table
from autograd.numpy_protocol import DIFFERENTIABLE
from autograd.numpy_without_gradient import PLAIN, REFUSED, numpy_name

ROWS = coverage()
TABLE = Path(ag.__file__).parents[1] / "docs" / "numpy_coverage.md"
A = np.array([[0.5, -1.5, 2.0], [1.2, 0.3, -0.7]])


def test_every_function_is_decided_about():
    """If it fails, NumPy has a new one: see autograd/numpy_without_gradient.py."""
    assert [row.name for row in ROWS if not row.kind] == []


def test_nothing_that_numpy_lists_is_left_out():
    listed = [
        *overrides.get_overridable_numpy_ufuncs(),
        *overrides.get_overridable_numpy_array_functions(),
    ]
    names = {numpy_name(function).replace("ufunc ", "np.") for function in listed}
    assert names <= {row.name for row in ROWS}
    assert len(names) > 400


def test_no_function_is_in_two_tables():
    assert not PLAIN & set(DIFFERENTIABLE)
    recorded = {numpy_name(function) for function in DIFFERENTIABLE}
    plain = {numpy_name(function) for function in PLAIN}
    # two objects of NumPy have the name eye; one is reached by like= only
    assert not (recorded | plain) & set(REFUSED)


def test_every_recorded_function_is_public():
    unnamed = [row.name for row in ROWS if row.kind == "gradient" and not row.note]
    assert unnamed == []


def test_the_table_in_the_docs_is_fresh():
    text = TABLE.read_text(encoding="utf-8")
    if f"NumPy {np.__version__} " not in text:
        pytest.skip("the table was made with another NumPy")
    assert text == table() + "\n", "run python -m autograd.numpy_coverage > docs/..."


REFUSED_CALLS = {
    "eig": lambda x: np.linalg.eig(x),
    "lstsq": lambda x: np.linalg.lstsq(x, x),
    "fft": lambda x: np.fft.fft(x),
    "emath": lambda x: np.emath.sqrt(x),
    "partition": lambda x: np.partition(x, 1),
    "unique": lambda x: np.unique(x),
    "histogram": lambda x: np.histogram(x),
    "copyto": lambda x: np.copyto(np.zeros_like(x), x),
    "fill_diagonal": lambda x: np.fill_diagonal(x, 0),
    "like": lambda x: np.array([1.0], like=x),
    "apply_along_axis": lambda x: np.apply_along_axis(np.sum, 0, x),
    "piecewise": lambda x: np.piecewise(x, [x > 0], [1.0]),
    "logspace": lambda x: np.logspace(x, x),
    "i0": lambda x: np.i0(x),
}


@pytest.mark.parametrize("name", REFUSED_CALLS)
def test_a_refusal_says_what_to_write(name):
    with pytest.raises(NotDifferentiableError, match=r"np\.\w+.* cannot be used") as e:
        REFUSED_CALLS[name](Tensor(A))
    assert "x.detach().numpy()" in str(e.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.isin(x, [0.5, 2.0]),
        lambda x: np.digitize(x, [0.0, 1.0]),
        lambda x: np.lexsort(x),
        lambda x: np.linalg.matrix_rank(x),
        lambda x: np.isneginf(x),
        lambda x: np.logical_and.reduce(x, axis=1),
        lambda x: np.less.outer(x[0], x[1]),
        lambda x: np.bincount(x.argmax(axis=1)),
        lambda x: np.isreal(x),
        lambda x: np.full_like(x, 7.0),
    ],
)
def test_plain_results(call):
    found = call(Tensor(A))
    assert not isinstance(found, Tensor)
    np.testing.assert_array_equal(found, call(A))


def test_strings_are_plain():
    words = Tensor(np.array(["a", "bc"]))
    np.testing.assert_array_equal(np.strings.str_len(words), [1, 2])
    np.testing.assert_array_equal(np.strings.upper(words), ["A", "BC"])


def test_save_writes_the_values(tmp_path):
    np.save(tmp_path / "x.npy", Tensor(A))
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), A)


# ---- a value that would lose its gradient in silence ---------------------------------


def test_full_like_and_bincount_keep_the_gradient():
    value = Tensor(2.0)
    np.full_like(Tensor(A), value).sum().backward()
    assert value.grad == 6
    weights = Tensor([1.0, 2.0, 3.0])
    sums = np.bincount([0, 2, 2], weights=weights, minlength=5)
    np.testing.assert_array_equal(sums.data, [1, 0, 5, 0, 0])
    (sums * np.arange(5.0)).sum().backward()
    np.testing.assert_array_equal(weights.grad, [0, 2, 2])
    with pytest.raises(ag.ShapeError, match="one weight for each of the 2"):
        np.bincount([0, 1], weights=weights)


def test_astype_of_numpy():
    assert np.astype(Tensor(A), np.float32).dtype == np.float32
    assert not np.astype(Tensor(A), int).requires_grad


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.cov(x),
        lambda x: np.cov(x, rowvar=False, bias=True),
        lambda x: np.cov(x[0], x[1], ddof=0),
        lambda x: np.cov(x[0]),
        lambda x: np.corrcoef(x),
        lambda x: np.corrcoef(x[0], x[1]),
    ],
)
def test_covariance(call):
    np.testing.assert_allclose(call(Tensor(A)).data, call(A), rtol=1e-14, atol=1e-15)
    assert gradcheck(call, A)


def test_correlation_of_one_variable_with_itself():
    assert np.corrcoef(Tensor(A[0])).data == 1


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: np.cov(x[:, :1]), "leave 0 degrees of freedom"),
        (lambda x: np.cov(x[None]), "more than two axes"),
    ],
)
def test_covariance_errors(call, text):
    with pytest.raises(ag.ShapeError, match=text):
        call(Tensor(A))


# ---- methods and settings of universal functions -------------------------------------

METHOD_CALLS = {
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce axis": lambda x: np.add.reduce(x, axis=1, keepdims=True),
    "add.reduce all": lambda x: np.add.reduce(x, axis=None, initial=5.0),
    "add.reduce where": lambda x: np.add.reduce(x, axis=0, where=A > 0),
    "multiply.reduce": lambda x: np.multiply.reduce(x, axis=-1),
    "multiply.reduce where": lambda x: np.multiply.reduce(x, where=A > 0, initial=2.0),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=(0, 1)),
    "minimum.reduce": lambda x: np.minimum.reduce(x, axis=1, initial=0.4),
    "maximum.reduce where": lambda x: np.maximum.reduce(
        x, axis=1, initial=-9.0, where=A < 1
    ),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1),
    "logaddexp.reduce all": lambda x: np.logaddexp.reduce(x, axis=None),
    "hypot.reduce": lambda x: np.hypot.reduce(x, axis=0, keepdims=True),
    "subtract.reduce": lambda x: np.subtract.reduce(x, axis=1),
    "divide.reduce": lambda x: np.divide.reduce(x),
    "add.accumulate": lambda x: np.add.accumulate(x, axis=1),
    "multiply.accumulate": lambda x: np.multiply.accumulate(x),
    "maximum.accumulate": lambda x: np.maximum.accumulate(x, axis=1),
    "subtract.outer": lambda x: np.subtract.outer(x, x[0]),
    "power.outer": lambda x: np.power.outer(x**2, [1.0, 2.5]),
    "add.outer scalar": lambda x: np.add.outer(x, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", METHOD_CALLS)
def test_ufunc_method(name):
    call = METHOD_CALLS[name]
    found = call(Tensor(A))
    assert isinstance(found, Tensor)
    assert found.shape == np.shape(call(A))
    np.testing.assert_allclose(found.data, call(A), rtol=1e-14)
    assert gradcheck(lambda x: call(x) ** 2, A)


def test_dtype_of_a_ufunc():
    x = Tensor(A)
    result = np.add(x, 1.0, dtype=np.float32)
    result.sum().backward()
    assert result.dtype == np.float32
    assert x.grad.dtype == np.float64
    assert np.add.reduce(Tensor(A), dtype=np.float32).dtype == np.float32
    assert np.add.accumulate(Tensor(A), dtype=np.float32).dtype == np.float32


def test_settings_that_change_nothing():
    result = np.exp(Tensor(A), where=True, casting="same_kind", order="K", subok=True)
    np.testing.assert_array_equal(result.data, np.exp(A))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: np.exp(x, out=np.zeros((2, 3))), r"np\.exp: .*Drop out="),
        (lambda x: np.add.reduce(x, out=np.zeros(3)), r"np\.add\.reduce: .*Drop out="),
        (lambda x: np.sum(x, axis=0, out=np.zeros(3)), r"np\.sum: .*Drop out="),
        (lambda x: np.dot(x, A.T, out=np.zeros((2, 2))), r"Drop out="),
        (lambda x: np.exp(x, where=A > 0), r"np\.where\(mask, np\.exp"),
        (lambda x: np.add(x, x, dtype=int), r"dtype=int64 has no gradient"),
        (lambda x: np.add(x, x, casting="unsafe"), "casting= is not supported"),
        (lambda x: np.add.at(np.zeros(3), [0], x[0]), r"add\.at .*scatter_add"),
        (lambda x: np.add.reduceat(x, [0, 1]), r"add\.reduceat .*np\.split"),
        (lambda x: np.maximum.reduce(x, where=A > 0), "where= needs initial="),
    ],
)
def test_settings_that_are_refused(call, text):
    with pytest.raises(NotDifferentiableError, match=text):
        call(Tensor(A))


def test_stepwise_reduction_of_nothing():
    with pytest.raises(ValueError, match=r"hypot\.reduce: an axis of length 0"):
        np.hypot.reduce(Tensor(np.zeros((0, 2))))


def test_adding_a_tensor_into_an_array_in_place():
    array = np.zeros(3)
    with pytest.raises(NotDifferentiableError, match=r"write `a = a . t`"):
        array += Tensor([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(array, np.zeros(3))
