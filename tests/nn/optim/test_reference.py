"""Optimisers and schedules against PyTorch, and numbers recorded from it.

``python -m tests.nn.optim.test_reference`` records the numbers anew; they stand in
where PyTorch is not installed, and in the quick run: PyTorch's first optimiser takes
seconds to import.  Lion, which PyTorch does not have, is compared with its
paper's algorithm.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from nn import optim
from tests.nn.cases import wave
from tests.nn.optim.cases import (
    OPTIMIZERS,
    SCHEDULES,
    SEQUENCES,
    STEPS,
    cost_and_gradients,
    make,
    make_schedule,
    parameters,
    start,
    train,
)

RECORDED = Path(__file__).with_name("recorded.json")
TAUGHT = [label for label, case in OPTIMIZERS.items() if case.name != "Lion"]
ALL_SCHEDULES = [*SCHEDULES, *SEQUENCES]


def ours(label):
    """Return where 50 steps lead."""
    params = parameters()
    train(make(label, params), params, 50)
    return {str(p.name): p.data for p in params}


def theirs(label):
    """Return where 50 steps of PyTorch lead."""
    import torch

    params = {name: torch.tensor(x, dtype=torch.float64) for name, x in start().items()}
    case = OPTIMIZERS[label]
    extra: dict[str, Any] = {} if case.name == "LBFGS" else {"foreach": False}
    optimizer = getattr(torch.optim, case.name)(
        list(params.values()), **case.settings, **extra
    )

    def closure() -> float:
        cost, gradients = cost_and_gradients({k: p.numpy() for k, p in params.items()})
        for name, p in params.items():
            p.grad = torch.tensor(gradients[name])
        return cost

    for _ in range(50):
        optimizer.step(closure)
    return {name: p.numpy() for name, p in params.items()}


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch counting in float64: NAdam keeps a product in the default dtype."""
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


@pytest.mark.slow
@pytest.mark.parametrize("label", TAUGHT)
def test_50_steps_equal_pytorch(label, torch):
    found, expected = ours(label), theirs(label)
    for name in expected:
        np.testing.assert_allclose(
            found[name], expected[name], rtol=1e-12, err_msg=name
        )


def fingerprint(values: Any) -> float:
    """Return the product with a wave, which any wrong number changes."""
    array = np.asarray(values, dtype=np.float64)
    return float(np.sum(array * wave(array.shape, 5)))


@pytest.mark.parametrize("label", TAUGHT)
def test_50_steps_equal_what_pytorch_gave(label):
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["optimizers"][label]
    found = {name: fingerprint(x) for name, x in ours(label).items()}
    assert found == pytest.approx(recorded, rel=1e-10)


@pytest.mark.parametrize("label", ["Lion", "Lion decay"])
def test_50_steps_of_lion_equal_its_paper(label):
    settings = {"betas": (0.9, 0.99), "weight_decay": 0.0, **OPTIMIZERS[label].settings}
    (beta1, beta2), lr, decay = (settings[k] for k in ("betas", "lr", "weight_decay"))
    theta = start()
    m = {name: np.zeros_like(x) for name, x in theta.items()}
    for _ in range(50):  # algorithm 2 of the paper
        _, g = cost_and_gradients(theta)
        for name in theta:
            c = beta1 * m[name] + (1 - beta1) * g[name]
            theta[name] = theta[name] - lr * (np.sign(c) + decay * theta[name])
            m[name] = beta2 * m[name] + (1 - beta2) * g[name]
    found = ours(label)
    for name in theta:
        np.testing.assert_allclose(found[name], theta[name], rtol=1e-12)


def our_rates(label):
    """Return the learning rates and momenta of two groups."""
    params = [Tensor(1.0, name="a"), Tensor(2.0, name="b")]
    optimizer = optim.SGD(
        [{"params": params[:1]}, {"params": params[1:], "lr": 0.02}],
        lr=0.1,
        momentum=0.5,
    )
    return followed(make_schedule(label, optim, optimizer), optimizer)


def their_rates(label):
    """Return the learning rates and momenta that PyTorch gives."""
    import torch

    params = [torch.tensor(1.0), torch.tensor(2.0)]
    optimizer = torch.optim.SGD(
        [{"params": params[:1]}, {"params": params[1:], "lr": 0.02}],
        lr=0.1,
        momentum=0.5,
    )
    schedule = make_schedule(label, torch.optim.lr_scheduler, optimizer)
    return followed(schedule, optimizer)


def followed(schedule, optimizer):
    rates, momenta = [], []
    for _ in range(STEPS + 1):
        assert schedule.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
        rates.append(list(schedule.get_last_lr()))
        momenta.append([group["momentum"] for group in optimizer.param_groups])
        optimizer.step() if not isinstance(optimizer, optim.Optimizer) else None
        schedule.step()
    return rates, momenta


@pytest.mark.slow
@pytest.mark.parametrize("label", ALL_SCHEDULES)
@pytest.mark.filterwarnings("ignore::UserWarning:torch")
def test_rates_and_momenta_equal_pytorch(label, torch):
    for found, expected in zip(our_rates(label), their_rates(label), strict=True):
        assert len(found) > 60
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("label", ALL_SCHEDULES)
def test_rates_equal_what_pytorch_gave(label):
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["schedules"][label]
    found = [fingerprint(values) for values in our_rates(label)]
    assert found == pytest.approx(recorded, rel=1e-9)


def test_nothing_that_is_recorded_is_forgotten():
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert list(recorded["optimizers"]) == TAUGHT
    assert list(recorded["schedules"]) == ALL_SCHEDULES


def record() -> None:
    """Write the numbers that PyTorch gives."""
    import torch

    torch.set_default_dtype(torch.float64)
    optimizers = {
        label: {name: fingerprint(x) for name, x in theirs(label).items()}
        for label in TAUGHT
    }
    schedules = {
        label: [fingerprint(values) for values in their_rates(label)]
        for label in ALL_SCHEDULES
    }
    text = {
        "source": f"torch {torch.__version__}, float64",
        "optimizers": optimizers,
        "schedules": schedules,
    }
    RECORDED.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
