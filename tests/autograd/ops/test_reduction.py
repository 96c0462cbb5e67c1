"""Reductions with NumPy's keywords: values as NumPy, gradients against differences."""

import math
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import AxisError, NotDifferentiableError, ShapeError, Tensor, gradcheck

NAN, INF = math.nan, math.inf
rng = np.random.default_rng(0)
X = rng.normal(size=(2, 3, 4))
MASK = rng.uniform(size=(2, 3, 4)) > 0.3
MASK[0, 0] = [True, True, False, True]
HOLES = np.where(MASK, X, NAN)
ROW = np.array([True, False, True, True])
AXES = [None, 0, -1, (0, 2), (-1, 1)]

WITH_KEYWORDS = [
    (np.sum, {"initial": 5.0}),
    (np.sum, {"where": MASK}),
    (np.sum, {"where": ROW, "initial": 2.0}),
    (np.prod, {"initial": 3.0}),
    (np.prod, {"where": MASK}),
    (np.max, {"initial": 0.4}),
    (np.max, {"where": MASK, "initial": -9.0}),
    (np.min, {"initial": -0.4}),
    (np.min, {"where": ROW, "initial": 9.0}),
    (np.mean, {"where": MASK}),
    (np.var, {"where": MASK}),
    (np.var, {"where": MASK, "ddof": 0.5}),
    (np.std, {"where": MASK}),
    (np.std, {"where": MASK, "ddof": 0.5}),
    (np.ptp, {}),
    (np.median, {}),
    (np.average, {}),
]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize(
    ("function", "keywords"),
    WITH_KEYWORDS,
    ids=lambda v: v.__name__ if callable(v) else "-".join(v) or "plain",
)
def test_keywords_as_in_numpy(function, keywords, axis, keepdims):
    keywords = {**keywords, "axis": axis, "keepdims": keepdims}
    expected = function(X, **keywords)
    result = function(Tensor(X), **keywords)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result.data, expected, rtol=1e-13)
    assert gradcheck(lambda x: function(x, **keywords), X)


@pytest.mark.parametrize("function", [np.mean, np.var, np.std])
def test_mask_of_one_row(function):
    expected = function(X, axis=-1, where=ROW)
    np.testing.assert_allclose(
        function(Tensor(X), axis=-1, where=ROW).data, expected, rtol=1e-13
    )
    assert gradcheck(lambda x: function(x, axis=-1, where=ROW), X)


def test_mask_that_leaves_nothing_gives_nan_and_a_warning():
    x = Tensor(X[0])
    with pytest.warns(RuntimeWarning, match="invalid value"):
        result = np.mean(x, axis=0, where=ROW)
    np.testing.assert_array_equal(np.isnan(result.data), ~ROW)


NAN_FUNCTIONS = [
    *(np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin)
]


@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("function", NAN_FUNCTIONS, ids=lambda f: f.__name__)
def test_nan_is_left_out(function, axis):
    x = Tensor(HOLES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function(x, axis=axis, keepdims=True)
        result.backward(np.ones(result.shape))
    expected = function(HOLES, axis=axis, keepdims=True)
    np.testing.assert_allclose(result.data, expected, rtol=1e-13)
    np.testing.assert_array_equal(x.grad[~MASK], 0)
    plain = {"nansum": np.sum, "nanprod": np.prod, "nanmean": np.mean, "nanvar": np.var}
    plain |= {"nanstd": np.std, "nanmax": np.max, "nanmin": np.min}
    extra = {"initial": -9.0} if function is np.nanmax else {}
    extra |= {"initial": 9.0} if function is np.nanmin else {}
    y = Tensor(X)
    masked = plain[function.__name__](y, axis=axis, keepdims=True, where=MASK, **extra)
    masked.backward(np.ones(result.shape))
    np.testing.assert_allclose(x.grad, y.grad, rtol=1e-13)


@pytest.mark.parametrize("function", [np.nanmax, np.nanmin])
def test_nothing_but_nan_warns_and_gives_nan(function):
    x = Tensor([[1.0, NAN], [NAN, NAN]])
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        result = function(x, axis=1)
    result.backward(np.ones(2))
    np.testing.assert_array_equal(result.data, [1, NAN])
    np.testing.assert_array_equal(x.grad, [[1, 0], [0, 0]])


def test_a_row_of_equal_values_leaves_the_others_alone():
    x, row = Tensor([[2.0, 2.0, 2.0], [0.3, -1.0, 1.7]]), Tensor([0.3, -1.0, 1.7])
    np.std(x, axis=1).backward(np.array([0.7, -1.3]))
    np.std(row).backward(-1.3)
    np.testing.assert_array_equal(x.grad, [[0, 0, 0], row.grad])


@pytest.mark.parametrize(("function", "sign"), [(np.max, 1), (np.min, -1)])
def test_largest_values_share_the_gradient(function, sign):
    x = Tensor(sign * np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]))
    function(x, axis=1).backward(np.array([0.8, -1.5]))
    np.testing.assert_array_equal(x.grad, [[0, 0.4, 0.4], [-0.5, -0.5, -0.5]])


def test_equal_values_have_a_standard_deviation_of_0_with_gradient_0():
    holes, row = Tensor([2.0, NAN, 2.0]), Tensor([2.0, 5.0, 2.0])
    results = np.nanstd(holes), np.std(row, where=[True, False, True])
    for result, x in zip(results, (holes, row), strict=True):
        result.backward()
        assert result.data == 0
        np.testing.assert_array_equal(x.grad, [0, 0, 0])


@pytest.mark.parametrize("function", [np.sum, np.prod, np.mean, np.var, np.std])
def test_dtype_is_the_dtype_of_the_computation(function):
    single = X.astype(np.float32)
    x = Tensor(single)
    result = function(x, axis=1, dtype=np.float64)
    result.backward(np.ones(result.shape))
    np.testing.assert_allclose(result.data, function(single, axis=1, dtype=float))
    assert result.dtype == np.float64
    assert x.grad.dtype == np.float32
    assert not function(x, axis=1, dtype=int).requires_grad


def test_positional_arguments_are_in_numpys_order():
    x = Tensor(X)
    for function, arguments in [
        (np.sum, (1, np.float64, None, True)),
        (np.mean, (1, np.float64, None, True)),
        (np.prod, (1, np.float64, None, True)),
        (np.max, (1, None, True)),
        (np.min, (1, None, True)),
        (np.var, (1, np.float64, None, 1, True)),
        (np.std, (1, np.float64, None, 1, True)),
        (np.ptp, (1, None, True)),
        (np.median, (1, None, False, True)),
        (np.quantile, (0.3, 1, None, False, "linear", True)),
        (np.cumsum, (1, np.float64, None)),
        (np.trace, (1, 1, 2, np.float64, None)),
    ]:
        expected = function(X, *arguments)
        result = function(x, *arguments)
        assert result.requires_grad
        np.testing.assert_allclose(result.data, expected, rtol=1e-13)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, out: np.sum(x, out=out),
        lambda x, out: x.sum(out=out),
        lambda x, out: ag.std(x, out=out),
        lambda x, out: np.mean(x, out=out),
        lambda x, out: np.prod(x, out=out),
        lambda x, out: np.max(x, out=out),
        lambda x, out: np.var(x, out=out),
        lambda x, out: np.median(x, out=out),
        lambda x, out: np.quantile(x, 0.5, out=out),
        lambda x, out: np.cumsum(x, out=out),
        lambda x, out: np.cumprod(x, out=out),
        lambda x, out: np.trace(x, out=out),
        lambda x, out: np.round(x, out=out),
        lambda x, out: np.clip(x, 0, 1, out=out),
        lambda x, out: np.nansum(x, out=out),
    ],
)
def test_out_is_refused_and_untouched(call):
    out = np.zeros(())
    with pytest.raises(NotDifferentiableError, match="into an existing array"):
        call(Tensor(X), out)
    assert out == 0


class TestExtremes:
    @pytest.mark.parametrize("name", ["max", "min"])
    def test_D06_of_nothing(self, name):
        function = getattr(np, name)
        text = rf"{name} of an array of shape \(0,\) along axis None has no identity"
        with pytest.raises(ShapeError, match=text):
            function(Tensor(np.zeros(0)))
        with pytest.raises(ShapeError, match=r"shape \(0, 2\) along axis 0"):
            function(Tensor(np.zeros((0, 2))), axis=0)

    def test_of_nothing_with_an_initial_value(self):
        x = Tensor(np.zeros((0, 2)))
        result = np.max(x, axis=0, initial=3.0)
        result.backward(np.ones(2))
        np.testing.assert_array_equal(result.data, [3, 3])
        assert x.grad.shape == (0, 2)

    def test_where_needs_an_initial_value(self):
        with pytest.raises(ValueError, match="max: where= needs initial="):
            np.max(Tensor(X), where=MASK)

    def test_initial_value_may_be_a_tensor(self):
        x, floor = Tensor([1.0, 2.0]), Tensor(5.0)
        np.max(x, initial=floor).backward()
        np.testing.assert_array_equal(x.grad, [0, 0])
        assert floor.grad == 1

    def test_axis_that_does_not_exist(self):
        with pytest.raises(AxisError, match=r"max: axis 3 .* shape \(2, 3, 4\)"):
            np.max(Tensor(X), axis=3)


class TestVariance:
    def test_correction_is_ddof(self):
        x = Tensor(X)
        for function in (ag.var, ag.std):
            expected = function(x, axis=1, ddof=1).data
            np.testing.assert_array_equal(
                function(x, axis=1, correction=1).data, expected
            )
        with pytest.raises(ValueError, match="ddof= or correction="):
            ag.var(x, ddof=1, correction=1)

    def test_mean_is_refused(self):
        with pytest.raises(NotDifferentiableError, match="var: mean= is not supported"):
            ag.var(Tensor(X), mean=0.0)

    @pytest.mark.parametrize("shape", [(0,), (1,), (2,)])
    def test_without_degrees_of_freedom_the_value_is_numpys(self, shape):
        values = np.arange(2.0)[: shape[0]]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = np.var(values, ddof=2)
        x = Tensor(values)
        with pytest.warns(RuntimeWarning, match="var: . values? with ddof=2 leaves 0"):
            result = np.var(x, ddof=2)
        result.backward()
        np.testing.assert_array_equal(result.data, expected)
        assert np.isnan(x.grad).all()


class TestAverage:
    @pytest.mark.parametrize(
        ("axis", "weights"),
        [
            (None, rng.uniform(1, 2, (2, 3, 4))),
            (1, rng.uniform(1, 2, 3)),
            (-1, rng.uniform(1, 2, 4)),
            ((0, 2), rng.uniform(1, 2, (2, 3, 4))),
        ],
    )
    def test_weights(self, axis, weights):
        def function(x, w):
            return np.average(x, axis=axis, weights=w)

        result = function(Tensor(X), Tensor(weights))
        np.testing.assert_allclose(result.data, function(X, weights), rtol=1e-14)
        assert gradcheck(function, X, weights)

    @pytest.mark.parametrize("weights", [None, np.array([1.0, 2.0, 5.0])])
    def test_returned_is_the_sum_of_the_weights(self, weights):
        expected = np.average(X, axis=1, weights=weights, returned=True)
        for ours, theirs in zip(
            np.average(Tensor(X), axis=1, weights=weights, returned=True),
            expected,
            strict=True,
        ):
            np.testing.assert_allclose(getattr(ours, "data", ours), theirs)

    def test_weights_that_do_not_fit(self):
        with pytest.raises(ShapeError, match=r"weights of shape \(4,\) fit neither"):
            np.average(Tensor(X), axis=1, weights=np.ones(4))


class TestQuantile:
    @pytest.mark.parametrize("keepdims", [False, True])
    @pytest.mark.parametrize("axis", AXES, ids=str)
    @pytest.mark.parametrize(
        "q", [0, 0.37, 1.0, np.array([0.1, 0.5]), np.array([[0.0, 0.3], [0.5, 1.0]])]
    )
    def test_as_numpy(self, q, axis, keepdims):
        expected = np.quantile(X, q, axis=axis, keepdims=keepdims)
        result = np.quantile(Tensor(X), q, axis=axis, keepdims=keepdims)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result.data, expected, rtol=1e-14)
        percent = np.percentile(Tensor(X), np.multiply(q, 100), axis=axis)
        np.testing.assert_allclose(
            percent.data, np.percentile(X, np.multiply(q, 100), axis=axis), rtol=1e-13
        )

    @pytest.mark.parametrize("axis", AXES, ids=str)
    def test_gradient(self, axis):
        q = np.array([0.1, 0.5])
        assert gradcheck(lambda x: np.quantile(x, q, axis=axis), X)

    def test_ties_share_and_weights_add_up_to_one(self):
        x = np.array([[1.0, 1.0, 1.0, 5.0], [2.0, 1.0, 2.0, 1.0]])
        weights = ag.rank_weights(x, 0.5, 1)
        expected = [[1 / 3, 1 / 3, 1 / 3, 0], [0.25, 0.25, 0.25, 0.25]]
        np.testing.assert_allclose(weights, expected)

    def test_float32_stays_float32(self):
        x = Tensor(X.astype(np.float32))
        result = np.quantile(x, 0.3, axis=0)
        result.backward(np.ones(result.shape))
        assert result.dtype == x.grad.dtype == np.float32

    def test_median_of_nothing(self):
        x = Tensor(np.zeros(0))
        with pytest.warns(RuntimeWarning):
            np.median(x).backward()
        assert x.grad.shape == (0,)

    def test_what_is_refused(self):
        with pytest.raises(NotDifferentiableError, match="method='nearest'"):
            np.quantile(Tensor(X), 0.5, method="nearest")
        with pytest.raises(NotDifferentiableError, match="q is not differentiated"):
            ag.quantile(Tensor(X), Tensor(0.5))
        with pytest.raises(ShapeError, match="Quantiles must be in the range"):
            np.quantile(Tensor(X), 1.5)


class TestCumulative:
    @pytest.mark.parametrize("axis", [None, 0, 1, -1])
    @pytest.mark.parametrize("function", [np.cumsum, np.cumprod])
    def test_with_zeros(self, function, axis):
        x = np.where(MASK, X, 0.0)
        assert gradcheck(lambda t: function(t, axis=axis), x)

    def test_empty(self):
        for function in (np.cumsum, np.cumprod):
            x = Tensor(np.zeros((2, 0)))
            function(x, axis=1).backward(np.zeros((2, 0)))
            assert x.grad.shape == (2, 0)


@pytest.mark.parametrize("function", [ag.softmax, ag.log_softmax, ag.softmin])
def test_softmax_over_several_axes(function):
    for axis in (0, -1, (0, 2), None):
        flat = np.exp(X if function is not ag.softmin else -X)
        expected = flat / flat.sum(axis=axis, keepdims=True)
        if function is ag.log_softmax:
            expected = np.log(expected)
        np.testing.assert_allclose(function(X, axis), expected, rtol=1e-13)


def test_logsumexp_as_numpy():
    for axis in AXES:
        for keepdims in (False, True):
            expected = np.log(np.sum(np.exp(X), axis=axis, keepdims=keepdims))
            found = ag.logsumexp(X, axis, keepdims)
            assert np.shape(found) == np.shape(expected)
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


def test_logsumexp_of_infinities_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ag.logsumexp(np.array([-INF, -INF])) == -INF
        assert ag.logsumexp(np.array([INF, 0.0])) == INF
        rows = np.array([[-INF, -INF], [0.0, -INF], [INF, 1.0]])
        np.testing.assert_array_equal(ag.logsumexp(rows, 1), [-INF, 0, INF])
