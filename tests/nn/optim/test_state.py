"""States of optimisers: exact to the bit, and refused where they do not fit."""

import copy
from typing import Any

import numpy as np
import pytest

from autograd import CheckpointError, Tensor
from nn import optim
from tests.nn.optim.cases import (
    OPTIMIZERS,
    bits,
    make,
    parameters,
    start,
    through_json,
    train,
)

EVERY = pytest.mark.parametrize("label", OPTIMIZERS)


@EVERY
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_resuming_gives_the_same_bits(label, dtype):
    straight = parameters(dtype)
    optimizer = make(label, straight)
    train(optimizer, straight, 9)
    for stop in (0, 1, 4):
        params = parameters(dtype)
        first = make(label, params)
        train(first, params, stop)
        state = through_json(first.state_dict())
        resumed = parameters(dtype)
        for p, q in zip(resumed, params, strict=True):
            p.data = np.array(q.data)
        second = make(label, resumed)
        second.load_state_dict(state)
        assert bits(second.state_dict()) == bits(first.state_dict())
        train(second, resumed, 9 - stop)
        for p, q in zip(resumed, straight, strict=True):
            assert p.data.tobytes() == q.data.tobytes(), (stop, p.name)
        assert bits(second.state_dict()) == bits(optimizer.state_dict())


@EVERY
def test_a_state_is_a_copy(label):
    params = parameters()
    optimizer = make(label, params)
    train(optimizer, params, 2)
    state = optimizer.state_dict()
    before = bits(state)
    train(optimizer, params, 1)
    assert bits(state) == before
    optimizer.load_state_dict(state)
    train(optimizer, params, 1)
    assert bits(state) == before


@EVERY
def test_every_item_of_the_state_counts(label):
    """A state that lacks any one item is refused."""
    params = parameters()
    optimizer = make(label, params)
    train(optimizer, params, 2)
    state = optimizer.state_dict()
    before = bits(state)
    removed = 0
    for path in list(_paths(state)):
        damaged = copy.deepcopy(state)
        *parents, last = path
        place = damaged
        for key in parents:
            place = place[key]
        del place[last]
        if path[0] == "state" and len(path) == 2 and label[:5] != "LBFGS":
            continue  # a parameter that never had a gradient has no state
        with pytest.raises(CheckpointError):
            optimizer.load_state_dict(damaged)
        removed += 1
        assert bits(optimizer.state_dict()) == before
    assert removed >= 4


def _paths(state: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(state, dict):
        for key, value in state.items():
            yield (*path, key)
            yield from _paths(value, (*path, key))
    elif isinstance(state, list):
        for key, value in enumerate(state):
            yield (*path, key)
            yield from _paths(value, (*path, key))


def adam():
    params = parameters()
    optimizer = optim.Adam(params, lr=0.1)
    train(optimizer, params, 2)
    return params, optimizer, optimizer.state_dict()


def test_I28_state_goes_by_name_not_by_position():
    params, optimizer, state = adam()
    turned = [Tensor(x, name=name) for name, x in reversed(start().items())]
    for p in turned:
        p.data = next(np.array(q.data) for q in params if q.name == p.name)
    second = optim.Adam(turned, lr=0.1)
    second.load_state_dict(state)
    train(optimizer, params, 2)
    train(second, turned, 2)
    for p, q in zip(params, reversed(turned), strict=True):
        assert p.data.tobytes() == q.data.tobytes()


def test_I28_alike_shapes_with_other_names_are_refused():
    a, b = Tensor([1.0], name="a"), Tensor([1.0], name="b")
    optimizer = optim.SGD([a, b], momentum=0.9)
    a.grad, b.grad = np.array([1.0]), np.array([100.0])
    optimizer.step()
    other = optim.SGD([Tensor([1.0], name="b"), Tensor([1.0], name="c")], momentum=0.9)
    with pytest.raises(CheckpointError) as caught:
        other.load_state_dict(optimizer.state_dict())
    for part in ("SGD", "nothing was loaded", "missing c", "unexpected a"):
        assert part in str(caught.value)
    assert other.state == {}


def changed(state, path, value):
    damaged = copy.deepcopy(state)
    place = damaged
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return damaged


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("state", "w", "exp_avg"),
            np.zeros((3, 4)),
            r"w: exp_avg is \(3, 4\) float64",
        ),
        (("state", "w", "exp_avg"), np.zeros((4, 3), "f4"), "float32 in the state"),
        (("state", "w", "exp_avg"), [1.0], "is a list, not an array"),
        (("state", "w", "step"), 1.5, "w: step is 1.5"),
        (("state", "w", "step"), -1, "w: step is -1"),
        (("state", "w", "step"), True, "w: step is True"),
        (("state", "w", "max"), np.zeros(2), "w has 'max'"),
        (("state", "v"), {}, "unexpected v"),
        (("state", "w"), 3, "w is a int, not a dict"),
        (("state",), [], "'state' is a list"),
        (("steps",), -1, "steps is -1"),
        (("steps",), None, "steps is None"),
        (("version",), 2, "the state has 'version'"),
        (("param_groups",), [], "0 parameter groups, there are 1"),
        (("param_groups",), 7, "int parameter groups"),
        (("param_groups", 0), 7, "group 0: no list of 'params'"),
        (
            ("param_groups", 0, "params"),
            ["w", "b", "b"],
            "missing s; group 0: a name is",
        ),
        (("param_groups", 0, "lr"), -1.0, "lr must not be negative"),
        (("param_groups", 0, "lr"), float("nan"), "lr must be finite"),
        (("param_groups", 0, "lr"), "1", "lr must be a number"),
        (("param_groups", 0, "betas"), [0.9], "betas must be two numbers"),
        (("param_groups", 0, "betas"), [0.9, 1.0], r"betas\[1\] must be below 1"),
        (("param_groups", 0, "eps"), 0, "eps must be above 0"),
        (("param_groups", 0, "amsgrad"), 1, "amsgrad must be True or False"),
        (("param_groups", 0, "initial_lr"), -1, "initial_lr must not be negative"),
        (("param_groups", 0, "rate"), 1, "no hyper-parameter 'rate'"),
    ],
)
def test_what_does_not_fit_is_refused(path, value, message):
    params, optimizer, state = adam()
    before = bits(state), [p.data.tobytes() for p in params]
    with pytest.raises(CheckpointError, match=message) as caught:
        optimizer.load_state_dict(changed(state, path, value))
    assert "nothing was loaded" in str(caught.value)
    assert before == (bits(optimizer.state_dict()), [p.data.tobytes() for p in params])


def test_a_message_ends_with_one_full_stop():
    state = optim.Adam([Tensor([1.0], name="w")]).state_dict()
    with pytest.raises(CheckpointError, match=r"[^.]\.$"):
        optim.SGD([Tensor([1.0], name="w")]).load_state_dict(state)


def test_every_problem_is_listed():
    _, optimizer, state = adam()
    damaged = changed(state, ("state", "w", "exp_avg"), np.zeros(2))
    damaged = changed(damaged, ("state", "b", "step"), -1)
    with pytest.raises(CheckpointError, match=r"w: exp_avg .*; b: step"):
        optimizer.load_state_dict(damaged)
    with pytest.raises(CheckpointError, match="the state is a NoneType"):
        optimizer.load_state_dict(None)


def test_hyper_parameters_come_from_the_state():
    _, optimizer, state = adam()
    other = optim.Adam(parameters(), lr=0.5, betas=(0.1, 0.1))
    other.load_state_dict(through_json(state))
    assert other.param_groups[0]["lr"] == 0.1
    assert other.param_groups[0]["betas"] == (0.9, 0.999)
    assert other.steps == optimizer.steps == 2


def test_a_combination_that_cannot_be_is_refused():
    optimizer = optim.SGD(parameters(), momentum=0.9, nesterov=True)
    state = changed(optimizer.state_dict(), ("param_groups", 0, "momentum"), 0.0)
    with pytest.raises(CheckpointError, match="nesterov=True needs momentum"):
        optimizer.load_state_dict(state)


def test_memory_layout_is_kept():
    w = Tensor(np.asfortranarray(np.ones((3, 4))), name="w")
    optimizer = optim.Adam([w])
    w.grad = np.ones((3, 4))
    optimizer.step()
    optimizer.load_state_dict(through_json(optimizer.state_dict()))
    assert optimizer.state["w"]["exp_avg"].flags.f_contiguous
