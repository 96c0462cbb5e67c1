"""Rows of the catalogue of traps that concern optimisers; the id is the row.

I22 is in `test_optimizers`, I28 is in `test_state`.
"""

import warnings

import numpy as np
import pytest

import nn
from autograd import DTypeError, Tensor
from nn import optim
from tests.nn.optim.cases import OPTIMIZERS, make, parameters

NAMES = sorted({case.name for case in OPTIMIZERS.values()})
EVERY = pytest.mark.parametrize("name", NAMES)


@EVERY
def test_I17_no_parameters(name):
    used = iter(parameters())
    list(used)
    for nothing in ([], used, [{"params": []}], nn.ReLU().parameters()):
        with pytest.raises(ValueError, match="there are no parameters") as caught:
            getattr(optim, name)(nothing)
        assert name in str(caught.value)


@EVERY
def test_I18_not_a_leaf(name):
    w = Tensor([1.0], name="w")
    with pytest.raises(ValueError, match=r"parameter 1 \(1,\) is a result of multiply"):
        getattr(optim, name)([w, w * 2])


@EVERY
def test_I19_a_parameter_twice(name):
    w = Tensor([1.0], name="w")
    with pytest.raises(ValueError, match="parameter 1 is w again"):
        getattr(optim, name)([w, w])
    if name != "LBFGS":
        with pytest.raises(ValueError, match="parameter 1 is w again"):
            getattr(optim, name)([{"params": [w]}, {"params": w, "lr": 0.1}])


@EVERY
@pytest.mark.parametrize("lr", [-1, float("nan"), float("inf"), np.float32(-1)])
def test_I20_learning_rates_that_cannot_be(name, lr):
    with pytest.raises(ValueError, match="lr must") as caught:
        getattr(optim, name)(parameters(), lr=lr)
    assert str(float(lr)) in str(caught.value)


@pytest.mark.parametrize("label", OPTIMIZERS)
def test_I21_a_step_without_any_gradient_warns_once(label):
    params = parameters()
    optimizer = make(label, params)
    arguments = [lambda: 1.0] if label.startswith("LBFGS") else []
    with pytest.warns(RuntimeWarning, match="none of the 3 parameters has") as caught:
        optimizer.step(*arguments)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.step(*arguments)
    assert optimizer.steps == 0
    assert optimizer.state == {}


def test_I29_nesterov_without_momentum():
    for settings in ({}, {"momentum": 0.9, "dampening": 0.1}):
        with pytest.raises(ValueError, match="nesterov=True needs momentum above 0"):
            optim.SGD(parameters(), nesterov=True, **settings)
    optimizer = optim.SGD(parameters(), momentum=0.9, nesterov=True)
    optimizer.param_groups[0]["momentum"] = 0.0
    with pytest.raises(ValueError, match="nesterov"):
        optimizer.step()


def resumable():
    optimizer = optim.SGD([Tensor(1.0, name="w")], lr=1.0)
    return optimizer, optim.StepLR(optimizer, step_size=2)


def follow(optimizer, schedule, steps):
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    return rates


@pytest.mark.parametrize("optimizer_first", [True, False])
def test_I31_a_schedule_that_is_restored(optimizer_first):
    straight = follow(*resumable(), 6)
    np.testing.assert_allclose(straight, [1, 1, 0.1, 0.1, 0.01, 0.01])
    optimizer, schedule = resumable()
    begun = follow(optimizer, schedule, 4)
    states = [optimizer.state_dict(), schedule.state_dict()]
    pair = resumable()
    for k in (0, 1) if optimizer_first else (1, 0):
        pair[k].load_state_dict(states[k])
    assert begun + follow(*pair, 2) == straight


def test_I31_a_schedule_that_was_forgotten_is_noticed():
    optimizer, schedule = resumable()
    follow(optimizer, schedule, 4)
    resumed, forgotten = resumable()
    resumed.load_state_dict(optimizer.state_dict())
    with pytest.raises(RuntimeError, match=r"rate of group 0 was set to 0\.01"):
        forgotten.step()
    assert forgotten.last_epoch == 0


@pytest.mark.parametrize(
    ("params", "kind", "message"),
    [
        (nn.ReLU(), TypeError, r"Write model\.parameters\(\)"),
        (Tensor(1.0), TypeError, r"Write \[parameter\]"),
        (3, TypeError, "needs a list of Tensors, got a int"),
        ([np.ones(2)], TypeError, "parameter 0 must be a Tensor, got a ndarray"),
        ({Tensor(1.0)}, TypeError, "fixed order"),
        ([Tensor(1.0), Tensor(np.array([1, 2]))], DTypeError, "parameter 1 .* int64"),
    ],
)
def test_what_cannot_be_trained(params, kind, message):
    with pytest.raises(kind, match=message):
        optim.SGD(params)


def test_eps_that_vanishes_in_the_dtype():
    half = Tensor([1.0], dtype=np.float16, name="half")
    with pytest.raises(
        ValueError, match="eps=1e-08 is 0 in float16, the dtype of half"
    ):
        optim.Adam([half])
    optimizer = optim.Adam([half], eps=1e-4)
    half.grad = np.zeros(1, np.float16)
    optimizer.step()
    assert half.tolist() == [1.0]


@pytest.mark.parametrize("name", ["Adam", "Adagrad", "Adadelta", "RMSprop", "Adamax"])
def test_eps_of_zero_is_refused(name):
    with pytest.raises(ValueError, match="eps must be above 0"):
        getattr(optim, name)(parameters(), eps=0)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("SGD", {"momentum": -0.1}, "momentum must not be negative"),
        ("SGD", {"nesterov": 1}, "nesterov must be True or False"),
        ("Adam", {"betas": (1.0, 0.9)}, r"betas\[0\] must be below 1"),
        ("Adam", {"betas": 0.9}, "betas must be two numbers"),
        ("Adam", {"weight_decay": -1}, "weight_decay must not be negative"),
        ("Adadelta", {"rho": 1.5}, "rho must be from 0 to 1"),
        ("RMSprop", {"alpha": -1}, "alpha must be from 0 to 1"),
        ("LBFGS", {"max_iter": 0}, "max_iter must be at least 1"),
        ("LBFGS", {"max_eval": 1.5}, "max_eval must be a whole number"),
        ("LBFGS", {"line_search_fn": "armijo"}, "must be one of None, 'strong_wolfe'"),
    ],
)
def test_hyper_parameters_out_of_range(name, settings, message):
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(optim, name)(parameters(), **settings)
