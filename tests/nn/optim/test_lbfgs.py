"""L-BFGS beyond the battery: the line search, groups, and all or nothing."""

import math
from typing import Any

import numpy as np
import pytest

from autograd import NonFiniteError, Tensor
from nn import optim
from nn.optim.line_search import Point, strong_wolfe
from nn.optim.quasi_newton import InverseHessian
from tests.nn.optim.cases import bits


def rosenbrock(w, optimizer):
    def closure():
        optimizer.zero_grad()
        cost = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
        cost.backward()
        return cost

    return closure


def test_solves_rosenbrock():
    w = Tensor([-1.2, 1.0])
    optimizer = optim.LBFGS(
        [w], line_search_fn="strong_wolfe", tolerance_change=1e-16, max_iter=100
    )
    first = optimizer.step(rosenbrock(w, optimizer))
    assert first.item() == pytest.approx(24.2)
    np.testing.assert_allclose(w.data, [1, 1], rtol=1e-8)
    assert optimizer.search.evaluations < 60


@pytest.mark.slow
@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
@pytest.mark.parametrize("max_eval", [None, 1, 2, 3])
def test_iterations_equal_pytorch(line_search_fn, max_eval):
    torch = pytest.importorskip("torch")
    settings = {
        "lr": 1.0 if line_search_fn else 0.001,
        "max_iter": 6,
        "max_eval": max_eval,
        "line_search_fn": line_search_fn,
    }
    w, v = Tensor([-1.2, 1.0]), torch.tensor([-1.2, 1.0], dtype=torch.float64)
    v.requires_grad_()
    ours, theirs = optim.LBFGS([w], **settings), torch.optim.LBFGS([v], **settings)
    for _ in range(3):
        a = ours.step(rosenbrock(w, ours))
        b = theirs.step(rosenbrock(v, theirs))
        assert a.item() == pytest.approx(b.item(), rel=1e-7)
        np.testing.assert_allclose(w.data, v.detach().numpy(), rtol=1e-7)
        state = theirs.state[v]
        assert ours.search.evaluations == state["func_evals"]
        assert ours.search.iterations == state["n_iter"]


def point(f, t):
    """Return a point of a function that returns value and slope."""
    value, slope = f(t)
    return Point(t, value, slope, np.array([slope]))


@pytest.mark.parametrize(
    "f",
    [
        lambda t: ((t - 3) ** 2, 2 * (t - 3)),
        lambda t: ((t - 0.01) ** 2, 2 * (t - 0.01)),
        lambda t: ((t - 300) ** 4, 4 * (t - 300) ** 3),
        lambda t: (-math.sin(t), -math.cos(t)),
        lambda t: (-t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2),
        # infinite from 0.5 on: the step has to be shortened
        lambda t: (
            (-3 * t - math.log(0.5 - t), -3 + 1 / (0.5 - t))
            if t < 0.5
            else (math.inf, math.nan)
        ),
        lambda t: ((t - 0.2) ** 2, 2 * (t - 0.2)) if t < 0.5 else (math.inf, math.nan),
    ],
)
@pytest.mark.parametrize("t", [1e-3, 1.0, 50.0])
def test_line_search_satisfies_both_conditions(f, t):
    calls = []

    def evaluate(t):
        calls.append(t)
        return point(f, t)

    start = point(f, 0.0)
    found, used = strong_wolfe(evaluate, start, t, shortest=1e-12, budget=60)
    assert used == len(calls)
    assert found.loss <= start.loss + 1e-4 * found.t * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)


def test_line_search_that_finds_nothing_stays():
    start = Point(0.0, 1.0, -1.0, np.ones(1))
    found, used = strong_wolfe(
        lambda t: Point(t, math.inf, math.nan, np.ones(1)),
        start,
        1.0,
        shortest=1e-9,
        budget=10,
    )
    assert found is start
    assert used <= 11


def test_the_inverse_hessian_of_a_quadratic_is_found():
    """After n moves along conjugate directions H is the inverse itself."""
    a = np.diag([2.0, 5.0, 10.0])
    h = InverseHessian()
    for move in np.eye(3):
        h.learn(move, a @ move, size=10)
    g = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(h.times(g), np.linalg.solve(a, g), rtol=1e-12)
    twin = h.copy()
    twin.learn(np.ones(3), a @ np.ones(3), size=2)
    assert (len(twin.moves), len(h.moves)) == (2, 3)
    before = h.scale
    h.learn(np.ones(3), -np.ones(3), size=2)  # negative curvature is not learnt
    assert (len(h.moves), h.scale) == (3, before)


def test_one_group_only():
    with pytest.raises(ValueError, match="all parameters must be in one group"):
        optim.LBFGS([{"params": [Tensor(1.0)]}, {"params": [Tensor(2.0)]}])


@pytest.mark.parametrize("failing_call", [1, 2, 3])
@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
def test_an_exception_in_the_closure_restores_everything(failing_call, line_search_fn):
    w = Tensor([-1.2, 1.0], name="w")
    optimizer = optim.LBFGS([w], lr=1e-3, line_search_fn=line_search_fn)
    optimizer.step(rosenbrock(w, optimizer))
    before = w.data.tobytes(), bits(optimizer.state_dict())
    calls = 0

    def closure() -> Any:
        nonlocal calls
        calls += 1
        if calls == failing_call:
            raise KeyError("user code")
        return rosenbrock(w, optimizer)()

    with pytest.raises(KeyError, match="user code"):
        optimizer.step(closure)
    assert (w.data.tobytes(), bits(optimizer.state_dict())) == before


def test_a_fixed_step_that_is_too_long_restores_everything():
    w = Tensor([3.0], name="w")
    optimizer = optim.LBFGS([w], lr=1.0)

    def closure() -> float:
        inside = w.data[0] > 2.5
        w.grad = np.array([1.0]) if inside else np.array([np.nan])
        return 1.0

    with pytest.raises(NonFiniteError, match="gradient of w"):
        optimizer.step(closure)
    assert w.tolist() == [3.0]
    assert optimizer.steps == 0


def test_a_cost_that_is_not_finite_is_refused():
    w = Tensor([3.0], name="w")
    optimizer = optim.LBFGS([w])

    def closure() -> float:
        w.grad = np.ones(1)
        return math.inf

    with pytest.raises(NonFiniteError, match="the closure returned inf"):
        optimizer.step(closure)
    assert w.tolist() == [3.0]


def test_the_line_search_comes_back_from_where_the_cost_is_not_finite():
    w = Tensor([3.0], name="w")
    optimizer = optim.LBFGS([w], lr=100.0, line_search_fn="strong_wolfe")

    def closure() -> float:  # w - log(w), least at 1
        x = w.data[0]
        w.grad = np.array([1 - 1 / x]) if x > 0 else np.array([np.nan])
        return x - math.log(x) if x > 0 else math.nan

    optimizer.step(closure)
    np.testing.assert_allclose(w.data, [1.0], rtol=1e-5)


def test_mixed_dtypes_keep_theirs():
    a, b = Tensor([2.0], dtype=np.float32, name="a"), Tensor([3.0], name="b")
    optimizer = optim.LBFGS([a, b], line_search_fn="strong_wolfe")

    def closure() -> float:
        a.grad, b.grad = a.data.copy(), b.data.copy()
        return float(a.data[0] ** 2 + b.data[0] ** 2) / 2

    optimizer.step(closure)
    assert [str(a.dtype), str(b.dtype)] == ["float32", "float64"]
    optimizer.load_state_dict(optimizer.state_dict())
