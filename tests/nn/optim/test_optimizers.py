"""One battery of tests for every optimiser."""

from typing import Any

import numpy as np
import pytest

import nn
from autograd import InPlaceError, NonFiniteError, ShapeError, Tensor
from nn import optim
from tests.nn.optim.cases import (
    OPTIMIZERS,
    SHAPES,
    bits,
    make,
    parameters,
    through_json,
    train,
)

EVERY = pytest.mark.parametrize("label", OPTIMIZERS)
FIRST_ORDER = [label for label, case in OPTIMIZERS.items() if case.name != "LBFGS"]
EVERY_FIRST_ORDER = pytest.mark.parametrize("label", FIRST_ORDER)


def quadratic(p, optimizer):
    """Return a closure for half the squared distance from (1, -2)."""

    def closure() -> float:
        p.grad = (p.data - np.array([1.0, -2.0])).astype(p.dtype)
        return float(np.sum(p.grad**2)) / 2

    return closure


def step(optimizer, closure):
    if isinstance(optimizer, optim.LBFGS):
        optimizer.step(closure)
    else:
        closure()
        optimizer.step()


# The first step from (1, -2) with the gradient (0.5, -4), worked by hand.
FIRST_STEPS = [
    ("SGD", {"lr": 0.1}, [0.95, -1.6]),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}, [0.95, -1.6]),
    # g + 0.9 g
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, [0.905, -1.24]),
    # g + 0.5 w = (1, -5)
    ("SGD", {"lr": 0.1, "weight_decay": 0.5}, [0.9, -1.5]),
    # g / √g² is the sign
    ("Adagrad", {"lr": 0.1}, [0.9, -1.9]),
    # √(20 + 0.25) = 4.5, √(20 + 16) = 6
    ("Adagrad", {"lr": 0.9, "initial_accumulator_value": 20.0}, [0.9, -1.4]),
    # 0.001 / √(0.1 g² + 0.000001) · g
    ("Adadelta", {}, [0.9968377856, -1.9968377233]),
    # g / √(0.01 g²) is 10 times the sign
    ("RMSprop", {"lr": 0.01}, [0.9, -1.9]),
    # √(0.01 g² - 0.0001 g²) = √0.0099 |g|
    ("RMSprop", {"lr": 0.0099**0.5, "centered": True}, [0.0, -1.0]),
    ("Adam", {"lr": 0.1}, [0.9, -1.9]),
    ("Adam", {"lr": 0.1, "amsgrad": True}, [0.9, -1.9]),
    # (1 - 0.1 · 0.5) w = (0.95, -1.9)
    ("AdamW", {"lr": 0.1, "weight_decay": 0.5}, [0.85, -1.8]),
    ("Adamax", {"lr": 0.1}, [0.9, -1.9]),
    # μ₁ = 0.4500734736, μ₂ = 0.4501469354: 1 + 0.1 μ₂ / (1 - μ₁ μ₂) = 1.0564517792
    ("NAdam", {"lr": 0.1}, [0.8943548221, -1.8943548221]),
    # ρ₁ = 1: plain momentum, m̂ = g
    ("RAdam", {"lr": 0.1}, [0.95, -1.6]),
    ("Lion", {"lr": 0.1}, [0.9, -1.9]),
    ("Lion", {"lr": 0.1, "weight_decay": 0.5}, [0.85, -1.8]),
    # min(1, 1 / 4.5) · 0.09 = 0.02
    ("LBFGS", {"lr": 0.09, "max_iter": 1}, [0.99, -1.92]),
]


@pytest.mark.parametrize(("name", "settings", "expected"), FIRST_STEPS)
def test_first_step_by_hand(name, settings, expected):
    w = Tensor([1.0, -2.0])
    optimizer = getattr(optim, name)([w], **settings)

    def closure() -> float:
        w.grad = np.array([0.5, -4.0])
        return 1.0

    step(optimizer, closure)
    np.testing.assert_allclose(w.data, expected, atol=1e-6)


def test_every_optimizer_is_in_the_battery():
    found = {
        name
        for name, value in vars(optim).items()
        if isinstance(value, type) and issubclass(value, optim.Optimizer)
    }
    assert found - {"Optimizer"} == {case.name for case in OPTIMIZERS.values()}
    assert found - {"Optimizer"} == {name for name, _, _ in FIRST_STEPS}


@EVERY
def test_converges_on_a_quadratic(label):
    w = Tensor([2.0, -1.0])
    case = OPTIMIZERS[label]
    lr = {"Adadelta": 100.0, "Adadelta all": 1.0}.get(label, 0.05)
    settings = {**case.settings, "lr": lr}
    settings |= {"weight_decay": 0.0} if "weight_decay" in case.settings else {}
    if case.name in ("Adagrad", "LBFGS"):
        settings["lr"] = 0.5
    optimizer = getattr(optim, case.name)([w], **settings)
    for _ in range(400):
        step(optimizer, quadratic(w, optimizer))
    np.testing.assert_allclose(w.data, [1, -2], atol=0.1)


@EVERY
def test_float32_stays_float32(label):
    params = parameters(np.float32)
    optimizer = make(label, params)
    optimizer.param_groups[0]["lr"] = np.float32(optimizer.param_groups[0]["lr"])
    train(optimizer, params, 3)
    assert all(p.dtype == np.float32 for p in params)
    for entry in through_json(optimizer.state_dict())["state"].values():
        for value in entry.values():
            assert not isinstance(value, np.ndarray) or value.dtype == np.float32
    wide = parameters()
    train(make(label, wide), wide, 3)
    for p, q in zip(params, wide, strict=True):
        np.testing.assert_allclose(p.data, q.data, rtol=2e-3, atol=2e-5)


@EVERY
def test_a_parameter_without_gradient_is_left_alone(label):
    w, frozen = Tensor([3.0, 1.0], name="w"), Tensor([5.0], name="frozen")
    optimizer = make(label, [frozen, w])
    for _ in range(2):
        step(optimizer, quadratic(w, optimizer))
    assert frozen.tolist() == [5.0]
    assert w.tolist() != [3.0, 1.0]
    if label in FIRST_ORDER:
        assert "frozen" not in optimizer.state


@EVERY
def test_sizes_of_zero_and_scalars(label):
    empty, scalar = Tensor(np.zeros((0, 3)), name="empty"), Tensor(2.0, name="scalar")
    optimizer = make(label, [empty, scalar])

    def closure() -> float:
        empty.grad, scalar.grad = np.zeros((0, 3)), scalar.data
        return float(scalar.data) ** 2 / 2

    for _ in range(2):
        step(optimizer, closure)
    assert empty.shape == (0, 3)
    assert isinstance(scalar.data, np.float64)
    assert abs(float(scalar.data)) < 2
    optimizer.load_state_dict(optimizer.state_dict())


@EVERY
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_I22_a_gradient_that_is_not_finite_changes_nothing(label, bad):
    params = parameters()
    optimizer = make(label, params)
    train(optimizer, params, 2)
    before = bits(optimizer.state_dict()), [p.data.tobytes() for p in params]

    def closure() -> float:
        for p in params:
            p.grad = np.ones(p.shape)[()]
        params[1].grad = np.array([1.0, bad, 1.0])
        return 1.0

    with pytest.raises(NonFiniteError) as caught:
        step(optimizer, closure)
    assert before == (bits(optimizer.state_dict()), [p.data.tobytes() for p in params])
    for part in (
        "gradient of b (3,) float64",
        "1 NaN or inf",
        "of 3",
        "(1,)",
        "step 3",
    ):
        assert part in str(caught.value)
    train(optimizer, params, 1)
    assert optimizer.steps == 3


@EVERY
def test_large_finite_gradients_are_accepted(label):
    w = Tensor([1.0, 2.0])
    optimizer = make(label, [w])

    def closure() -> float:
        w.grad = np.array([1e200, 1e-200])  # whose square is infinite
        return 1.0

    step(optimizer, closure)
    assert optimizer.steps == 1


@EVERY
def test_a_gradient_of_another_shape_changes_nothing(label):
    params = parameters()
    optimizer = make(label, params)

    def closure() -> float:
        for p in params:
            p.grad = np.ones(p.shape)[()]
        params[1].grad = np.ones((3, 1))
        return 1.0

    before = [p.data.tobytes() for p in params]
    with pytest.raises(ShapeError, match=r"gradient of b has shape \(3, 1\)"):
        step(optimizer, closure)
    assert before == [p.data.tobytes() for p in params]
    assert optimizer.state == {}


@EVERY
@pytest.mark.parametrize("lr", [-1.0, np.nan, np.inf, "0.1", True])
def test_a_learning_rate_that_becomes_wrong_changes_nothing(label, lr):
    params = parameters()
    optimizer = make(label, params)
    optimizer.param_groups[0]["lr"] = lr
    before = [p.data.tobytes() for p in params]
    with pytest.raises((ValueError, TypeError), match="lr must"):
        train(optimizer, params, 1)
    assert before == [p.data.tobytes() for p in params]


@EVERY_FIRST_ORDER
def test_groups_have_their_own_learning_rates(label):
    together, apart = parameters(), parameters()
    case = OPTIMIZERS[label]
    groups = [
        {"params": together[:1], "lr": 0.02},
        {"params": together[1:], "lr": 0.03},
    ]
    one = getattr(optim, case.name)(groups, **case.settings)
    others = [
        getattr(optim, case.name)(params, **{**case.settings, "lr": lr})
        for params, lr in ((apart[:1], 0.02), (apart[1:], 0.03))
    ]
    for _ in range(3):
        train(one, together, 1)
        for p, q in zip(together, apart, strict=True):
            q.grad = p.grad
        for other in others:
            other.step()
    for p, q in zip(together, apart, strict=True):
        assert p.data.tobytes() == q.data.tobytes()


@EVERY_FIRST_ORDER
def test_weight_decay_pulls_towards_zero(label):
    case = OPTIMIZERS[label]
    w = Tensor([2.0, -3.0])
    settings = {**case.settings, "weight_decay": 0.1}
    optimizer = getattr(optim, case.name)([w], **settings)
    w.grad = np.zeros(2)
    optimizer.step()
    assert np.all(np.abs(w.data) < [2, 3])


def test_coupled_decay_equals_the_l2_penalty():
    w, v = Tensor([[1.0, -2.0]]), Tensor([[1.0, -2.0]])
    (w * w).sum().backward()
    ((v * v).sum() + nn.L2(0.05)(v)).backward()
    for p, decay in ((w, 0.1), (v, 0.0)):
        optim.Adam([p], weight_decay=decay).step()
    np.testing.assert_allclose(w.data, v.data, rtol=1e-15)


def test_decoupled_decay_equals_decay_weights():
    w, v = Tensor([[1.0, -2.0]]), Tensor([[1.0, -2.0]])
    nn.decay_weights(v, 0.01 * 0.3)
    for p, decay in ((w, 0.3), (v, 0.0)):
        p.grad = np.array([[3.0, 4.0]])
        optim.AdamW([p], lr=0.01, weight_decay=decay).step()
    assert w.data.tobytes() == v.data.tobytes()


@EVERY_FIRST_ORDER
def test_blocks_of_a_large_parameter_change_no_bit(label, monkeypatch):
    """Rows that are updated together with others and by themselves are equal."""
    monkeypatch.setattr("nn.optim.optimizer._BLOCK", 20)
    data, g = np.random.default_rng(0).normal(size=(2, 5, 9))
    whole = Tensor(data, name="whole")
    rows = [Tensor(row, name=f"row {k}") for k, row in enumerate(data)]
    one, many = make(label, [whole]), make(label, rows)
    for _ in range(2):
        whole.grad = g
        for k, row in enumerate(rows):
            row.grad = g[k]
        one.step()
        many.step()
    assert whole.data.tobytes() == np.array([row.data for row in rows]).tobytes()


@EVERY
def test_updates_are_in_place_and_gradients_are_not_touched(label):
    params = parameters()
    optimizer = make(label, params)
    arrays = [p.data for p in params]
    train(optimizer, params, 1)
    gradients = [np.copy(p.grad) for p in params]
    if label in FIRST_ORDER:
        optimizer.step()
        assert all(p.data is a for p, a in zip(params[:2], arrays[:2], strict=True))
    for p, g in zip(params, gradients, strict=True):
        assert np.array_equal(p.grad, g)


@EVERY_FIRST_ORDER
def test_a_pending_backward_notices_the_step(label):
    w = Tensor([3.0, 1.0], name="w")
    optimizer = make(label, [w])
    cost = (w * w).sum()
    cost.backward()
    optimizer.step()
    with pytest.raises(InPlaceError, match=r"test_optimizers\.py"):
        cost.backward()


@EVERY_FIRST_ORDER
def test_a_read_only_parameter_gets_a_new_array(label):
    data = np.array([3.0, 1.0])
    data.flags.writeable = False
    w = Tensor(data, copy=False)
    optimizer = make(label, [w])
    w.grad = np.ones(2)
    optimizer.step()
    assert data.tolist() == [3.0, 1.0]
    assert np.all(w.data != data)


def test_tied_parameters_move_once():
    class Tied(nn.Module):
        def __init__(self) -> None:
            rng = np.random.default_rng(0)
            self.a = nn.Linear(2, 2, rng=rng, dtype=np.float64)
            self.b = nn.Linear(2, 2, rng=rng, dtype=np.float64)
            self.b.weight = self.a.weight

        def forward(self, x: Any) -> Any:
            return self.b(self.a(x))

    model = Tied()
    optimizer = optim.SGD(model.named_parameters(), lr=0.5)
    assert optimizer.param_groups[0]["names"] == ["a.weight", "a.bias", "b.bias"]
    model(np.ones((1, 2))).sum().backward()
    before, g = np.array(model.a.weight.data), model.a.weight.grad
    optimizer.step()
    np.testing.assert_allclose(model.b.weight.data, before - 0.5 * g, rtol=1e-15)


def test_zero_grad_forgets():
    params = parameters()
    optimizer = make("SGD", params)
    train(optimizer, params, 1)
    optimizer.zero_grad()
    assert [p.grad for p in params] == [None] * len(SHAPES)


def test_add_param_group():
    params = parameters()
    optimizer = optim.Adam(params[:1], lr=0.5)
    optimizer.add_param_group({"params": params[1:], "betas": (0.1, 0.2)})
    assert optimizer.param_groups[1]["lr"] == 0.5
    assert optimizer.param_groups[1]["betas"] == (0.1, 0.2)
    before = len(optimizer.param_groups)
    for wrong in (
        {"params": params[2:]},
        {"params": [Tensor(1.0)], "lr": -1},
        {"params": [Tensor(1.0)], "learning_rate": 1},
        {"lr": 1.0},
    ):
        with pytest.raises((ValueError, TypeError)):
            optimizer.add_param_group(wrong)
    assert len(optimizer.param_groups) == before


def test_names():
    net = nn.Sequential(nn.Linear(2, 2, rng=np.random.default_rng(0)))
    assert optim.SGD(net.parameters()).param_groups[0]["names"] == [
        "0.weight",
        "0.bias",
    ]
    alike = [Tensor(1.0, name="w"), Tensor(1.0), Tensor(2.0, name="w")]
    assert optim.SGD(alike).param_groups[0]["names"] == ["w", "parameter 1", "w (2)"]
    with pytest.raises(ValueError, match="two parameters are called 'a'"):
        optim.SGD([("a", alike[0]), ("a", alike[1])])


def test_momentum_can_be_switched_off_and_on():
    w = Tensor([1.0], name="w")
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    states = []
    for momentum in (0.9, 0.0, 0.9):
        optimizer.param_groups[0]["momentum"] = momentum
        w.grad = np.ones(1)
        optimizer.step()
        states.append(optimizer.state_dict()["state"])
        optimizer.load_state_dict(optimizer.state_dict())
    assert states[1] == {}
    assert states[2]["w"]["step"] == 1


def test_centered_rmsprop_survives_a_variance_below_zero():
    """Rounding makes v - a² negative where the gradient never changes."""
    w = Tensor(np.ones(100))
    g = np.random.default_rng(0).normal(size=100)
    optimizer = optim.RMSprop([w], lr=1e-9, alpha=0.5, centered=True)
    for _ in range(100):
        w.grad = g
        optimizer.step()
    s = optimizer.state["parameter 0"]
    assert np.any(s["square_avg"] - s["grad_avg"] ** 2 < 0)
    assert np.all(np.isfinite(w.data))


def test_repr():
    text = repr(optim.Lion([Tensor(1.0)], lr=0.5))
    assert text == "Lion(1 parameter: lr=0.5, betas=(0.9, 0.99), weight_decay=0.0)"
