"""Schedules: restored anywhere, refused where they do not fit, all or nothing.

That their learning rates equal PyTorch's is in `test_reference`.
"""

import copy
import math
from typing import Any

import numpy as np
import pytest

from autograd import CheckpointError, Tensor
from nn import optim
from tests.nn.optim.cases import (
    SCHEDULES,
    SEQUENCES,
    STEPS,
    make_schedule,
    through_json,
)

ALL = [*SCHEDULES, *SEQUENCES]
EVERY = pytest.mark.parametrize("label", ALL)


def two_groups():
    params = [Tensor(1.0, name="a"), Tensor(2.0, name="b")]
    groups = [{"params": params[:1]}, {"params": params[1:], "lr": 0.02}]
    return optim.SGD(groups, lr=0.1, momentum=0.5)


def made(label):
    optimizer = two_groups()
    return optimizer, make_schedule(label, optim, optimizer)


def rates(optimizer, schedule, steps):
    """Return what the groups are told at each step."""
    found = []
    for _ in range(steps):
        found.append([(g["lr"], g["momentum"]) for g in optimizer.param_groups])
        schedule.step()
    return found


@EVERY
def test_restoring_in_the_middle_gives_the_same_bits(label):
    straight = rates(*made(label), STEPS)
    for stop in (0, 1, 9, 10, 33):
        optimizer, schedule = made(label)
        begun = rates(optimizer, schedule, stop)
        state = through_json(schedule.state_dict())
        resumed, second = made(label)
        second.load_state_dict(state)
        assert second.get_last_lr() == schedule.get_last_lr()
        assert second.state_dict() == schedule.state_dict()
        assert begun + rates(resumed, second, STEPS - stop) == straight


@EVERY
def test_last_epoch_continues_with_the_groups_of_the_optimizer(label):
    straight = rates(*made(label), 20)
    optimizer, schedule = made(label)
    rates(optimizer, schedule, 7)
    case = SCHEDULES.get(label)
    if case is None:
        schedule = optim.SequentialLR(
            optimizer, schedule.schedulers, schedule.milestones, last_epoch=6
        )
    else:
        kind = getattr(optim, case.name)
        schedule = kind(optimizer, **case.settings, last_epoch=6)
    assert rates(optimizer, schedule, 13) == straight[7:]


@EVERY
def test_a_state_that_lacks_an_item_is_refused(label):
    optimizer, schedule = made(label)
    rates(optimizer, schedule, 5)
    state, groups = schedule.state_dict(), copy.deepcopy(optimizer.state_dict())
    for key in state:
        damaged = {k: v for k, v in state.items() if k != key}
        with pytest.raises(CheckpointError, match=f"has no '{key}'"):
            schedule.load_state_dict(damaged)
    for wrong in ({**state, "more": 1}, None, {**state, "last_epoch": -1}):
        with pytest.raises(CheckpointError, match="nothing was loaded"):
            schedule.load_state_dict(wrong)
    for wrong in ([0.1], [-1.0, 0.1], "ab", [float("nan"), 0.1]):
        with pytest.raises(CheckpointError, match="base_lrs"):
            schedule.load_state_dict({**state, "base_lrs": wrong})
    assert schedule.state_dict() == state
    assert optimizer.state_dict() == groups


@EVERY
def test_a_rate_that_somebody_else_changed_is_noticed(label):
    optimizer, schedule = made(label)
    schedule.step()
    optimizer.param_groups[1]["lr"] = 77.0
    state = schedule.state_dict()
    with pytest.raises(RuntimeError, match=r"group 1 was set to 77\.0, after"):
        schedule.step()
    assert schedule.state_dict() == state
    assert optimizer.param_groups[1]["lr"] == 77.0


@EVERY
def test_groups_that_are_added_later_are_noticed(label):
    optimizer, schedule = made(label)
    optimizer.add_param_group({"params": [Tensor(3.0)]})
    with pytest.raises(RuntimeError, match="has 3 groups, but had 2"):
        schedule.step()


def test_every_schedule_is_in_the_battery():
    found = {
        name
        for name, value in vars(optim).items()
        if isinstance(value, type) and issubclass(value, optim.LRScheduler)
    }
    tested = {case.name for case in SCHEDULES.values()} | {"SequentialLR"}
    assert found - {"LRScheduler"} == tested


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("StepLR", {"step_size": 0}, "step_size must be at least 1"),
        ("StepLR", {"step_size": 2.5}, "step_size must be a whole number"),
        ("StepLR", {"step_size": 2, "gamma": -1}, "gamma must not be negative"),
        ("StepLR", {"step_size": 2, "last_epoch": -2}, "last_epoch must be from -1"),
        ("StepLR", {"step_size": 2, "last_epoch": 0.5}, "last_epoch must be an int"),
        ("StepLR", {"step_size": 2, "last_epoch": 3}, "no 'initial_lr'"),
        ("MultiStepLR", {"milestones": [1.5]}, "list of step numbers"),
        ("MultiStepLR", {"milestones": 3}, "list of step numbers"),
        ("ConstantLR", {"factor": 2}, "factor must be from 0 to 1"),
        ("LinearLR", {"start_factor": 0}, "start_factor must be above 0"),
        ("LinearLR", {"total_iters": 0}, "total_iters must be at least 1"),
        ("LambdaLR", {"lr_lambda": 0.9}, "lr_lambda must be a function"),
        ("LambdaLR", {"lr_lambda": [abs]}, "has 1 values, the optimiser has 2"),
        ("LambdaLR", {"lr_lambda": lambda t: math.nan}, "the rate must be finite"),
        ("LambdaLR", {"lr_lambda": lambda t: -1}, "the rate must not be negative"),
        ("CosineAnnealingLR", {"T_max": 0}, "T_max must be at least 1"),
        ("CosineAnnealingWarmRestarts", {"T_0": 2, "T_mult": 0}, "T_mult"),
        ("OneCycleLR", {"max_lr": 1}, "give total_steps, or epochs"),
        ("OneCycleLR", {"max_lr": 1, "total_steps": 0}, "total_steps"),
        ("OneCycleLR", {"max_lr": [1, 2, 3], "total_steps": 5}, "has 3 values"),
        (
            "OneCycleLR",
            {"max_lr": 1, "total_steps": 5, "max_momentum": 1},
            "max_momentum must be below 1",
        ),
        ("CyclicLR", {"base_lr": 1, "max_lr": 2, "mode": "up"}, "mode must be one of"),
    ],
)
def test_settings_that_cannot_be(name, settings, message):
    optimizer = two_groups()
    before = [dict(group) for group in optimizer.param_groups]
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        getattr(optim, name)(optimizer, **settings)
    assert name in str(caught.value)
    assert optimizer.param_groups == before


@pytest.mark.parametrize(
    "name",
    [*sorted({case.name for case in SCHEDULES.values()}), "ReduceLROnPlateau"],
)
def test_what_is_not_an_optimizer_is_refused(name):
    case = next((c for c in SCHEDULES.values() if c.name == name), None)
    settings = case.settings if case else {}
    with pytest.raises(TypeError, match=f"{name}: the first argument must be an opt"):
        getattr(optim, name)([Tensor(1.0)], **settings)


def test_one_cycle_ends():
    optimizer = two_groups()
    schedule = optim.OneCycleLR(
        optimizer, 1.0, total_steps=5, anneal_strategy="linear", pct_start=0.4
    )
    for _ in range(4):
        schedule.step()
    last = schedule.get_last_lr()
    schedule.step()  # after the last batch: PyTorch's rate would be negative
    assert schedule.get_last_lr() == last == pytest.approx([1 / 25 / 1e4] * 2)
    with pytest.raises(ValueError, match="step 6 is beyond total_steps=5"):
        schedule.step()
    assert schedule.last_epoch == 5


@pytest.mark.parametrize(("pct_start", "top"), [(0.0, 0.9045085), (0.2, 1), (1.0, 1)])
def test_one_cycle_with_phases_of_no_length(pct_start, top):
    optimizer = two_groups()
    schedule = optim.OneCycleLR(optimizer, 1.0, total_steps=5, pct_start=pct_start)
    highest = max(lr[0][0] for lr in rates(optimizer, schedule, 5))
    assert highest == pytest.approx(top)


def test_cycling_adam_changes_beta1_only():
    optimizer = optim.Adam([Tensor(1.0)], betas=(0.5, 0.6))
    schedule = optim.CyclicLR(optimizer, 0.1, 0.2, step_size_up=2)
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.6)
    schedule.step()
    assert optimizer.param_groups[0]["betas"] == pytest.approx((0.85, 0.6))


@pytest.mark.parametrize("name", ["CyclicLR", "OneCycleLR"])
def test_there_must_be_a_momentum_to_cycle(name):
    optimizer = optim.Adagrad([Tensor(1.0)])
    settings: dict[str, Any] = (
        {"base_lr": 0.1} if name == "CyclicLR" else {"total_steps": 5}
    )
    with pytest.raises(ValueError, match="Adagrad has no momentum"):
        getattr(optim, name)(optimizer, max_lr=1.0, **settings)
    getattr(optim, name)(optimizer, max_lr=1.0, cycle_momentum=False, **settings)


@pytest.mark.slow
def test_warm_restarts_between_epochs_equal_pytorch():
    torch = pytest.importorskip("torch")
    theirs = torch.optim.SGD([torch.tensor(1.0)], lr=0.1)
    ours = optim.SGD([Tensor(1.0)], lr=0.1)
    settings = {"T_0": 3, "T_mult": 2}
    expected = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(theirs, **settings)
    schedule = optim.CosineAnnealingWarmRestarts(ours, **settings)
    for quarter in range(60):
        schedule.step(quarter / 4)
        expected.step(quarter / 4)
        assert schedule.get_last_lr() == pytest.approx(expected.get_last_lr())
    state = through_json(schedule.state_dict())
    assert state["last_epoch"] == 14.75
    schedule.load_state_dict(state)
    with pytest.raises(ValueError, match="epoch must not be negative"):
        schedule.step(-1)


def test_sequences_that_cannot_be():
    optimizer = two_groups()
    one, two = (optim.StepLR(optimizer, 2) for _ in range(2))
    foreign = optim.StepLR(two_groups(), 2)
    plateau: Any = optim.ReduceLROnPlateau(optimizer)
    for schedules, milestones, message in (
        ([], [], "no schedules"),
        ([one, two], [], "2 schedules need 1 rising milestones"),
        ([one, two, one], [5, 5], "rising milestones"),
        ([one, two], [0], "rising milestones from 1"),
        ([one, two], [2.5], "rising milestones"),
        ([one, foreign], [3], r"schedule 1 \(StepLR\) was made for another"),
        ([one, plateau], [3], "schedule 1 is a ReduceLROnPlateau"),
    ):
        with pytest.raises(ValueError, match=message):
            optim.SequentialLR(optimizer, schedules, milestones)


def test_a_damaged_part_of_a_sequence_changes_nothing():
    optimizer, schedule = made("SequentialLR three")
    rates(optimizer, schedule, 12)
    state, groups = schedule.state_dict(), optimizer.state_dict()
    for key, value in (("gamma", -1), ("last_epoch", "x"), ("base_lrs", [])):
        damaged = copy.deepcopy(state)
        damaged["schedulers"][1][key] = value
        with pytest.raises(CheckpointError, match="ExponentialLR"):
            schedule.load_state_dict(damaged)
    for key, value in (("milestones", [1]), ("schedulers", []), ("milestones", None)):
        with pytest.raises(CheckpointError, match="nothing was loaded"):
            schedule.load_state_dict({**state, key: value})
    assert schedule.state_dict() == state
    assert optimizer.state_dict() == groups


PLATEAUS = {
    "default": {"patience": 2},
    "max": {"mode": "max", "factor": 0.5, "patience": 1, "threshold": 0.05},
    "abs": {"threshold_mode": "abs", "threshold": 0.1, "patience": 1, "cooldown": 3},
    "max abs": {"mode": "max", "threshold_mode": "abs", "patience": 0},
    "limits": {"patience": 0, "factor": 0.3, "min_lr": [0.01, 0.002], "eps": 1e-3},
}


def losses():
    rng = np.random.default_rng(0)
    values = [float(x) for x in 2 * 0.9 ** np.arange(70) + 0.3 * rng.normal(size=70)]
    values[20] = math.nan
    values[40] = math.inf
    return values


@pytest.mark.slow
@pytest.mark.parametrize("label", PLATEAUS)
def test_plateau_equals_pytorch(label):
    torch = pytest.importorskip("torch")
    a, b = torch.tensor(1.0), torch.tensor(2.0)
    theirs = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.02}], lr=0.1)
    expected = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **PLATEAUS[label])
    schedule = optim.ReduceLROnPlateau(two_groups(), **PLATEAUS[label])
    seen = set()
    for loss in losses():
        schedule.step(loss)
        expected.step(loss)
        assert schedule.get_last_lr() == pytest.approx(expected.get_last_lr())
        seen.add(tuple(schedule.get_last_lr()))
    assert len(seen) > 1


@pytest.mark.parametrize("label", PLATEAUS)
def test_plateau_is_restored_in_the_middle(label):
    straight = optim.ReduceLROnPlateau(two_groups(), **PLATEAUS[label])
    expected = []
    for loss in losses():
        straight.step(loss)
        expected.append(straight.get_last_lr())
    for stop in (0, 1, 21, 35):
        schedule = optim.ReduceLROnPlateau(two_groups(), **PLATEAUS[label])
        for loss in losses()[:stop]:
            schedule.step(loss)
        second = optim.ReduceLROnPlateau(two_groups())
        second.load_state_dict(through_json(schedule.state_dict()))
        for loss, lr in zip(losses()[stop:], expected[stop:], strict=True):
            second.step(loss)
            assert second.get_last_lr() == lr
        assert second.state_dict() == straight.state_dict()


def test_plateau_by_hand():
    """Two bad steps lower the rate, then two steps do not count."""
    optimizer = optim.SGD([Tensor(1.0)], lr=8.0)
    schedule = optim.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=1, threshold=0.1, cooldown=2
    )
    found = []
    for loss in (1.0, 0.95, 0.91, 0.92, 0.93, 0.94, 0.95, 0.5, 0.5):
        schedule.step(loss)
        found += schedule.get_last_lr()
    assert found == [8, 8, 4, 4, 4, 4, 2, 2, 2]


def test_plateau_takes_tensors_and_refuses_what_does_not_fit():
    optimizer = two_groups()
    schedule = optim.ReduceLROnPlateau(optimizer)
    schedule.step(Tensor(0.5))
    assert schedule.best == 0.5
    state, groups = schedule.state_dict(), optimizer.state_dict()
    for key in state:
        with pytest.raises(CheckpointError, match=f"has no '{key}'"):
            schedule.load_state_dict({k: v for k, v in state.items() if k != key})
        with pytest.raises(CheckpointError, match="nothing was loaded"):
            schedule.load_state_dict({**state, key: None})
    assert (schedule.state_dict(), optimizer.state_dict()) == (state, groups)
    optimizer.add_param_group({"params": [Tensor(1.0)]})
    with pytest.raises(RuntimeError, match="has 3 groups, but had 2"):
        schedule.step(1.0)
    for wrong in ({"factor": 1.0}, {"mode": "up"}, {"patience": -1}, {"min_lr": [1]}):
        with pytest.raises(ValueError, match="ReduceLROnPlateau"):
            optim.ReduceLROnPlateau(optimizer, **wrong)


def test_plateau_can_follow_a_warm_up():
    optimizer = two_groups()
    warm_up = optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    plateau = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    for _ in range(2):
        warm_up.step()
    plateau.step(1.0)
    plateau.step(1.0)
    assert plateau.get_last_lr() == [0.05, 0.01]


@EVERY
def test_repr_is_one_line_with_the_rates(label):
    optimizer, schedule = made(label)
    assert "after 0 steps: lr=" in repr(schedule)
    rates(optimizer, schedule, 3)
    text = repr(schedule)
    assert "\n" not in text
    assert text.startswith(f"{type(schedule).__name__}(")
    now = ", ".join(f"{rate:.6g}" for rate in schedule.get_last_lr())
    assert text.endswith(f"after 3 steps: lr={now})")
    for name in schedule.ranges:
        assert f"{name}={getattr(schedule, name)!r}" in text


def test_repr_of_schedules_with_parts():
    optimizer = two_groups()
    parts = [optim.LinearLR(optimizer), optim.ExponentialLR(optimizer, gamma=0.5)]
    joined = optim.SequentialLR(optimizer, parts, milestones=[4])
    assert repr(joined).startswith(
        "SequentialLR([LinearLR, ExponentialLR], milestones=[4]; after 0 steps: lr="
    )
    plateau = optim.ReduceLROnPlateau(two_groups(), patience=2)
    plateau.step(1.0)
    assert repr(plateau).startswith("ReduceLROnPlateau(mode='min'")
    assert "patience=2" in repr(plateau)
    assert repr(plateau).endswith("after 1 step: lr=0.1, 0.02)")
