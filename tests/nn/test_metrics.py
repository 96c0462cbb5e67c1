"""Metrics: equal to scikit-learn where both are defined, and strict where it is not."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    DTypeError,
    NonFiniteError,
    OutOfRangeError,
    ShapeError,
    Tensor,
)
from nn import metrics

AVERAGES = ["macro", "micro", "weighted"]
OF_CLASSES = [
    metrics.accuracy,
    metrics.confusion_matrix,
    metrics.precision,
    metrics.recall,
    metrics.f1,
]
OF_NUMBERS = [metrics.mae, metrics.mse, metrics.r2, metrics.rmse]


def named(functions):
    return pytest.mark.parametrize("metric", functions, ids=lambda f: f.__name__)


@pytest.fixture
def sk():
    return pytest.importorskip("sklearn.metrics", exc_type=ImportError)


def labels(seed, n, classes):
    rng = np.random.default_rng(seed)
    true = rng.integers(0, classes, n)
    wrong = rng.random(n) < 0.4
    return np.where(wrong, rng.integers(0, classes, n), true), true


# ---- equal to scikit-learn -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_labels_equal_to_scikit_learn(sk, seed):
    n, classes = 5 + 3 * seed, 2 + seed % 4
    predicted, true = labels(seed, n, classes)
    assert metrics.accuracy(predicted, true) == sk.accuracy_score(true, predicted)
    np.testing.assert_array_equal(
        metrics.confusion_matrix(predicted, true, classes=classes),
        sk.confusion_matrix(true, predicted, labels=range(classes)),
    )
    averages = AVERAGES + (["binary"] if classes == 2 else [])
    for average in averages:
        settings = {"average": average, "zero_division": 0}
        for metric, reference in (
            (metrics.precision, sk.precision_score),
            (metrics.recall, sk.recall_score),
            (metrics.f1, sk.f1_score),
        ):
            np.testing.assert_allclose(
                metric(predicted, true, average=average),
                reference(true, predicted, **settings),
                rtol=1e-14,
                err_msg=f"{metric.__name__} {average}",
            )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("digits", [0, 1, 12])  # 0 and 1: many ties
def test_auc_equal_to_scikit_learn(sk, seed, digits):
    rng = np.random.default_rng(seed)
    true = np.append(rng.integers(0, 2, 30), [0, 1])
    scores = (rng.normal(size=32) + true).round(digits)
    expected = sk.roc_auc_score(true, scores)
    np.testing.assert_allclose(metrics.auc(scores, true), expected, rtol=1e-14)
    both = np.stack([-scores / 2, scores / 2], axis=1)
    assert metrics.auc(both, true) == metrics.auc(scores, true)
    column, targets = scores[:, None], true[:, None].astype(float)
    assert metrics.auc(column, targets) == metrics.auc(scores, true)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_equal_to_scikit_learn(sk, k):
    rng = np.random.default_rng(0)
    scores, true = rng.normal(size=(50, 4)), rng.integers(0, 4, 50)
    assert metrics.top_k(scores, true, k=k) == sk.top_k_accuracy_score(
        true, scores, k=k, labels=range(4)
    )


@pytest.mark.parametrize("shape", [(20,), (20, 3)])
def test_regression_equal_to_scikit_learn(sk, shape):
    rng = np.random.default_rng(0)
    p, t = rng.normal(size=shape), rng.normal(size=shape)
    for metric, reference in (
        (metrics.mse, sk.mean_squared_error),
        (metrics.mae, sk.mean_absolute_error),
        (metrics.r2, sk.r2_score),
    ):
        np.testing.assert_allclose(metric(p, t), reference(t, p), rtol=1e-13)
    # Of several columns scikit-learn takes the mean of roots, here it is one root.
    np.testing.assert_allclose(metrics.rmse(p, t), metrics.mse(p, t) ** 0.5)
    if p.ndim == 1:
        expected = sk.root_mean_squared_error(t, p)
        np.testing.assert_allclose(metrics.rmse(p, t), expected)


# ---- worked by hand ------------------------------------------------------------------


def test_precision_recall_and_f1_by_hand():
    #            hit  miss  false  hit  miss
    true = [1, 1, 0, 1, 1, 0]
    found = [1, 0, 1, 1, 0, 0]
    assert metrics.precision(found, true) == 2 / 3
    assert metrics.recall(found, true) == 2 / 4
    assert metrics.f1(found, true) == 4 / 7


def test_nothing_predicted_and_nothing_to_find_count_as_zero():
    assert metrics.precision([0, 0], [1, 0]) == 0
    assert metrics.recall([1, 0], [0, 0]) == 0
    assert metrics.f1([0, 0], [0, 0]) == 0
    # Class 2 is predicted but never true.
    assert metrics.recall([0, 1, 2], [0, 1, 1], average="macro") == (1 + 0.5 + 0) / 3


def test_rows_of_the_confusion_matrix_are_true_classes():
    matrix = metrics.confusion_matrix([1, 1, 1], [0, 0, 1])
    assert matrix.tolist() == [[0, 2], [0, 1]]
    assert matrix.dtype == np.int64
    scores = np.array([[3.0, 1.0, 2.0]])
    assert metrics.confusion_matrix(scores, [2]).shape == (3, 3)
    assert metrics.confusion_matrix([0.2], [0], threshold=0.5).shape == (2, 2)
    assert metrics.confusion_matrix([0], [1], classes=4).shape == (4, 4)


def test_equal_scores_are_the_first_class():
    same = np.zeros((4, 4))
    true = np.arange(4)
    assert metrics.accuracy(same, true) == 0.25
    assert [metrics.top_k(same, true, k=k) for k in (1, 2, 4)] == [0.25, 0.5, 1]


@given(st.integers(0, 999))
def test_top_1_is_the_accuracy_with_ties_too(seed):
    rng = np.random.default_rng(seed)
    scores, true = rng.integers(0, 3, (20, 4)) * 0.5, rng.integers(0, 4, 20)
    assert metrics.top_k(scores, true, k=1) == metrics.accuracy(scores, true)


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=30
    ).filter(lambda rows: len({label for _, label in rows}) == 2)
)
def test_auc_is_the_share_of_pairs_in_order(rows):
    pairs = [(p, n) for p, one in rows if one for n, other in rows if not other]
    expected = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs)
    scores, true = zip(*rows, strict=True)
    assert metrics.auc(np.array(scores, float), np.array(true)) == pytest.approx(
        expected / len(pairs), rel=1e-15
    )


def test_auc_of_two_scores_orders_by_their_difference():
    assert metrics.auc([[5.0, 6.0], [0.0, 3.0]], [0, 1]) == 1


def test_infinite_scores_are_scores():
    assert metrics.auc([-np.inf, 0.0, np.inf], [0, 0, 1]) == 1
    assert metrics.accuracy([[-np.inf, 0.0]], [1]) == 1


def test_r2_of_the_mean_is_zero():
    t = np.array([1.0, 2.0, 6.0])
    assert metrics.r2(np.full(3, 3.0), t) == 0
    assert metrics.r2(t, t) == 1
    assert metrics.r2(-t, t) < 0


def test_float32_is_summed_in_float64():
    p = np.full(2**20, 1.1, np.float32)
    assert metrics.mae(p, np.zeros_like(p)) == float(np.float32(1.1))
    assert metrics.mse(np.array([1e30], np.float32), [0.0]) > 1e59


# ---- what predictions may be ---------------------------------------------------------


def test_one_score_needs_a_threshold():
    logits, true = np.array([-1.0, 0.2, 0.7, 0.0]), [0, 0, 1, 0]
    assert metrics.accuracy(logits, true, threshold=0.0) == 0.75
    assert metrics.accuracy(logits, true, threshold=0.5) == 1
    column = np.array(true, float)[:, None]  # the targets of binary cross entropy
    assert metrics.accuracy(logits[:, None], column, threshold=0.0) == 0.75
    for metric in OF_CLASSES:
        with pytest.raises(ValueError, match=f"{metric.__name__}: .*threshold=0.0 for"):
            metric(logits, true)


def test_a_fixed_threshold_makes_a_metric():
    metric = partial(metrics.f1, threshold=0.0)
    assert metric(np.array([1.0, -1.0]), np.array([1.0, 0.0])) == 1.0


@named(OF_CLASSES)
def test_a_threshold_without_meaning(metric):
    with pytest.raises(ValueError, match="2 scores for each target"):
        metric(np.ones((3, 2)), [0, 1, 0], threshold=0.5)
    with pytest.raises(ValueError, match="the predictions are classes"):
        metric([0, 1, 0], [0, 1, 0], threshold=0.5)


def test_tensors_of_a_model_are_taken():
    outputs = Tensor([[2.0, 1.0], [0.0, 3.0]]) * 1.0
    assert outputs.requires_grad
    assert metrics.accuracy(outputs, Tensor(np.array([0, 1]))) == 1
    assert metrics.mse(outputs, outputs) == 0
    assert metrics.top_k(outputs, [0, 0], k=1) == 0.5
    assert metrics.auc(outputs, [0, 1]) == 1


def test_scores_along_a_sequence_have_their_classes_on_axis_1():
    scores = np.moveaxis(np.eye(3)[[[0, 1], [2, 2]]], -1, 1)
    assert scores.shape == (2, 3, 2)
    assert metrics.accuracy(scores, [[0, 1], [2, 0]]) == 0.75


def test_two_scores_are_binary():
    scores = [[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]
    assert metrics.precision(scores, [0, 1, 0]) == 0.5
    with pytest.raises(ValueError, match="average='binary' is for the classes 0 and 1"):
        metrics.precision(np.eye(3), [0, 1, 0])
    with pytest.raises(ValueError, match=r"got \[0, 2\]"):
        metrics.precision([0, 2], [0, 0])


def test_booleans_are_classes():
    assert metrics.accuracy([True, False], np.array([True, True])) == 0.5


# ---- errors --------------------------------------------------------------------------

SHAPES = [
    ((4, 1), (4,)),
    ((4,), (4, 1)),
    ((4,), (5,)),
    ((3, 4), (4,)),
    ((4, 2), (4, 3)),
]


@named([*OF_CLASSES, metrics.auc])
@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_shapes_of_classes_that_do_not_fit(metric, left, right):
    for predictions in (np.ones(left), np.ones(left, int)):
        with pytest.raises(ShapeError, match=rf"{metric.__name__}: .* do not fit"):
            metric(predictions, np.ones(right, int))


@named(OF_NUMBERS)
@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_shapes_of_numbers_that_do_not_fit(metric, left, right):
    with pytest.raises(ShapeError, match=rf"{metric.__name__}: .* do not fit"):
        metric(np.ones(left), np.ones(right))


def test_a_column_beside_a_row_says_what_to_do():
    with pytest.raises(ShapeError, match=r"Use predictions.reshape\(4,\)"):
        metrics.mse(np.ones((4, 1)), np.ones(4))


@named([*OF_CLASSES, *OF_NUMBERS, metrics.auc, metrics.top_k])
def test_what_is_no_input_of_any_metric(metric):
    for empty in (np.empty(0), np.empty((0, 3))):
        with pytest.raises(
            ValueError, match=f"{metric.__name__}: predictions are empty"
        ):
            metric(empty, np.empty(0, int))
    with pytest.raises(ShapeError, match="must have an axis of rows"):
        metric(1.0, 1.0)
    with pytest.raises(DTypeError, match="real numbers"):
        metric(np.array(["a"]), np.array([1]))
    with pytest.raises(NonFiniteError, match=r"predictions \(3,\) have NaN at \(1,\)"):
        metric(np.array([0.0, np.nan, 1.0]), np.array([0, 1, 0]))
    with pytest.raises(NonFiniteError, match="targets"):
        metric(np.array([[0.0, 1.0]] * 2), np.array([0.0, np.nan]))


@named(OF_NUMBERS)
def test_infinite_numbers(metric):
    with pytest.raises(NonFiniteError, match=r"targets \(2,\) are infinite at \(1,\)"):
        metric([1.0, 2.0], [1.0, np.inf])


@named(OF_CLASSES)
def test_targets_that_are_no_classes(metric):
    scores = np.ones((2, 3))
    for bad in ([0, 3], [0, -1]):
        with pytest.raises(OutOfRangeError, match="no class from 0 to 2"):
            metric(scores, bad)
    with pytest.raises(DTypeError, match="targets must be classes"):
        metric(scores, [0.0, 1.0])
    with pytest.raises(DTypeError, match="targets must be classes"):
        metric([0.2, 0.7], [0.1, 0.9], threshold=0.5)
    with pytest.raises(OutOfRangeError, match="no class from 0 to 1"):
        metric([0.2, 0.7], [1, 2], threshold=0.5)


def test_auc_needs_both_classes():
    with pytest.raises(ValueError, match="all 2 targets are of class 1"):
        metrics.auc([0.1, 0.2], [1, 1])
    with pytest.raises(OutOfRangeError):
        metrics.auc([0.1, 0.2], [1, 2])
    with pytest.raises(DTypeError):
        metrics.auc([0.1, 0.2], [0.5, 1.0])


@pytest.mark.parametrize(
    ("k", "error", "message"),
    [
        (0, ValueError, "at least 1"),
        (4, ValueError, "at most 3, the number of classes, got 4"),
        (1.5, TypeError, "integer"),
    ],
)
def test_top_k_of_an_impossible_k(k, error, message):
    with pytest.raises(error, match=message):
        metrics.top_k(np.ones((2, 3)), [0, 1], k=k)


@pytest.mark.parametrize(("left", "right"), [((4,), (4,)), *SHAPES[1:]])
def test_top_k_of_other_shapes(left, right):
    with pytest.raises(ShapeError, match=r"must have shape \(n, C\)"):
        metrics.top_k(np.ones(left), np.zeros(right, int), k=1)


def test_r2_without_variance():
    with pytest.raises(ValueError, match="all 2 targets are equal"):
        metrics.r2([1.0, 2.0], [3.0, 3.0])
    with pytest.raises(ValueError, match="of column 1 are equal"):
        metrics.r2(np.ones((2, 2)), [[1.0, 3.0], [2.0, 3.0]])


def test_classes_of_the_confusion_matrix():
    with pytest.raises(OutOfRangeError, match="from 0 to 1, got 0 to 2"):
        metrics.confusion_matrix([0, 2], [0, 1], classes=2)
    with pytest.raises(OutOfRangeError, match="got -1 to 0"):
        metrics.confusion_matrix([0, -1], [0, 0])
    with pytest.raises(ValueError, match="classes must be at least 1"):
        metrics.confusion_matrix([0], [0], classes=0)


def test_an_average_that_does_not_exist():
    with pytest.raises(ValueError, match="got 'mean'"):
        metrics.f1([0], [0], average="mean")
