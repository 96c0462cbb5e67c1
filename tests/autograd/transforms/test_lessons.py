"""Lesson code in the style of HIPS autograd runs unchanged.

Its public examples: the derivatives of tanh, logistic regression, and a network whose
parameters are a list of (W, b) tuples.
"""

import importlib
import itertools

import numpy
import pytest

from autograd import elementwise_grad as egrad
from autograd import grad, jacobian, make_jvp, make_vjp, value_and_grad


@pytest.fixture(params=["numpy", "autograd.numpy"])
def np(request):
    return importlib.import_module(request.param)


def test_tanh_by_exp(np):
    def tanh(x):
        y = np.exp(-2.0 * x)
        return (1.0 - y) / (1.0 + y)

    grad_tanh = grad(tanh)
    assert grad_tanh(1.0) == pytest.approx(0.419974341614026, rel=1e-14)
    difference = (tanh(1.0001) - tanh(0.9999)) / 0.0002
    assert grad_tanh(1.0) == pytest.approx(difference, rel=1e-7)


def test_derivatives_of_tanh_on_an_interval(np):
    def tanh(x):
        return (1.0 - np.exp(-x)) / (1.0 + np.exp(-x))

    x = np.linspace(-7, 7, 200)
    t = numpy.tanh(x / 2)
    first = (1 - t**2) / 2
    expected = [
        t,
        first,
        -t * first,
        -first * (1 - 3 * t**2) / 2,
        t * first * (2 - 3 * t**2),
    ]
    derivative = tanh
    for order, exact in enumerate(expected):
        found = derivative(x)
        numpy.testing.assert_allclose(found, exact, atol=1e-12, err_msg=str(order))
        assert type(found) is numpy.ndarray
        derivative = egrad(derivative)


def test_logistic_regression(np):
    def sigmoid(x):
        return 0.5 * (np.tanh(x / 2.0) + 1)

    def logistic_predictions(weights, inputs):
        return sigmoid(np.dot(inputs, weights))

    def training_loss(weights):
        preds = logistic_predictions(weights, inputs)
        label_probabilities = preds * targets + (1 - preds) * (1 - targets)
        return -np.sum(np.log(label_probabilities))

    inputs = np.array(
        [
            [0.52, 1.12, 0.77],
            [0.88, -1.08, 0.15],
            [0.52, 0.06, -1.30],
            [0.74, -2.49, 1.39],
        ]
    )
    targets = np.array([True, True, False, True])
    training_gradient_fun = grad(training_loss)
    weights = np.array([0.0, 0.0, 0.0])
    # The gradient of logistic regression in closed form.
    expected = inputs.T @ (logistic_predictions(weights, inputs) - targets)
    numpy.testing.assert_allclose(training_gradient_fun(weights), expected, rtol=1e-13)
    before = training_loss(weights)
    for _ in range(100):
        weights -= training_gradient_fun(weights) * 0.01
    assert training_loss(weights) < before / 2
    assert type(weights) is numpy.ndarray


def test_network_of_a_list_of_tuples(np):
    def init_random_params(scale, layer_sizes, rng):
        return [
            (scale * rng.standard_normal((m, n)), scale * rng.standard_normal(n))
            for m, n in itertools.pairwise(layer_sizes)
        ]

    def neural_net_predict(params, inputs):
        for W, b in params:
            outputs = np.dot(inputs, W) + b
            inputs = np.tanh(outputs)
        return outputs - np.log(np.sum(np.exp(outputs), axis=1, keepdims=True))

    def log_posterior(params, inputs, targets):
        prior = -0.05 * sum(np.sum(W**2) + np.sum(b**2) for W, b in params)
        return prior + np.sum(neural_net_predict(params, inputs) * targets)

    def accuracy(params, inputs, targets):
        predicted = np.argmax(neural_net_predict(params, inputs), axis=1)
        return np.mean(predicted == np.argmax(targets, axis=1))

    rng = numpy.random.default_rng(3)
    inputs = rng.standard_normal((60, 2))
    targets = numpy.eye(2)[(inputs[:, 0] * inputs[:, 1] > 0).astype(int)]
    params = init_random_params(0.5, [2, 16, 2], rng)
    gradient = grad(lambda p: -log_posterior(p, inputs, targets))
    value = value_and_grad(log_posterior)(params, inputs, targets)[0]
    assert value == pytest.approx(float(log_posterior(params, inputs, targets)))
    for _ in range(200):
        params = [
            (W - 0.02 * dW, b - 0.02 * db)
            for (W, b), (dW, db) in zip(params, gradient(params), strict=True)
        ]
    assert accuracy(params, inputs, targets) > 0.95


def test_products_and_jacobian(np):
    x = np.array([1.0, 2.0])

    def function(x):
        return np.array([1.0, 3.0]) * x**2

    numpy.testing.assert_array_equal(jacobian(function)(x), [[2, 0], [0, 12]])
    pullback, value = make_vjp(function)(x)
    numpy.testing.assert_array_equal(value, [1, 12])
    numpy.testing.assert_array_equal(pullback(np.ones(2)), [2, 12])
    value, tangent = make_jvp(function)(x)(np.ones(2))
    numpy.testing.assert_array_equal(tangent, [2, 12])


def test_control_flow_and_recursion(np):
    def taylor_sine(x):
        ans = currterm = x
        i = 0
        while np.abs(currterm) > 1e-9:
            currterm = -currterm * x**2 / ((2 * i + 3) * (2 * i + 2))
            ans = ans + currterm
            i += 1
        return ans

    assert grad(taylor_sine)(np.pi) == pytest.approx(-1, abs=1e-8)
    assert grad(grad(taylor_sine))(1.0) == pytest.approx(-numpy.sin(1), abs=1e-7)
