"""`mutants`: what is yielded is wrong, in one statement, and its line is known."""

import numpy as np
import pytest

from autograd.check.marking import check_backward
from autograd.check.mutants import mutants
from tests.autograd.check.bench import feedforward as nets


@pytest.fixture(scope="module")
def found():
    point = nets.article_point(np.random.default_rng(1))
    return list(mutants(nets.article_backward, nets.article_forward, *point))


def test_every_mutant_is_wrong_and_says_where(found):
    assert len(found) >= 50
    first = nets.article_backward.__code__.co_firstlineno
    for mutant in found:
        assert mutant.source != mutant.original
        assert first < mutant.line < first + 20
        assert mutant.backward is not nets.article_backward


def test_many_kinds_of_mistakes_are_planted(found):
    assert {mutant.planted for mutant in found} >= {
        "sign", "missing_batch_mean", "batch_mean_twice", "wrong_activation_derivative",
        "missing_activation_derivative", "missing_complement",
        "derivative_at_activation", "weight_not_transposed", "result_transposed",
        "wrong_axis", "missing_batch_sum", "missing_keepdims", "gradient_for_weight",
        "wrong_layer", "exception", "bias_from_wrong_layer", "mean_for_sum",
        "elementwise_for_matmul",
    }  # fmt: skip


def test_marking_finds_the_line_of_a_few(found):
    point = nets.article_point(np.random.default_rng(4))
    for mutant in found[::6]:
        first = check_backward(
            nets.article_forward, mutant.backward, *point
        ).first_wrong
        assert (first.name, first.mistake) == (mutant.step, mutant.mistake)


def test_without_source_it_says_so():
    scope = {}
    exec("def backward(parameters, cache): return {}", scope)
    with pytest.raises(ValueError, match="source of backward"):
        next(mutants(scope["backward"], lambda p: None, {}))
