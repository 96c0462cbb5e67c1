"""Mistakes with a sigmoid are seen in every form in which it can be written out."""

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor
from tests.autograd.test_recognition import FORMS, X, Y

forms = pytest.mark.parametrize("form", [form for form, _ in FORMS.values()], ids=FORMS)


def kinds(cost):
    return [finding.kind for finding in viz.lint(cost)]


@forms
def test_a_sigmoid_of_a_sigmoid(form):
    z = Tensor(X, name="Z")
    cost = np.mean(autograd.binary_cross_entropy(form(autograd.sigmoid(z)), Y))
    assert "sigmoid-twice" in kinds(cost)


@forms
def test_probabilities_where_logits_belong(form):
    z = Tensor(X, name="Z")
    cost = np.mean(autograd.binary_cross_entropy_with_logits(form(z), Y))
    assert "sigmoid-before-bce-with-logits" in kinds(cost)


def test_the_fix_says_minus_where_the_logits_are_negated():
    z = Tensor(X, name="Z")
    p = 1 / (1 + np.exp(z))
    found = viz.lint(np.mean(autograd.binary_cross_entropy_with_logits(p, Y)))
    (finding,) = [f for f in found if f.kind == "sigmoid-before-bce-with-logits"]
    assert "Give it the logits, minus " in finding.fix
