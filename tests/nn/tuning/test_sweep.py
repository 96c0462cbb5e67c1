"""Sweeps in this process: strategies, failures, going on after a stop."""

import json
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import numpy as np
import pytest

import nn
from tests.nn.tuning.training import (
    SPACE_OF_24,
    InThisProcess,
    by_budget,
    last_first,
    parabola,
    train_network,
    troubled,
)

WAYS = ["fine", "nan", "infinite", "trap", "raises", "exits", "list", "no score"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sweep.jsonl"


def sweep(train_fn, space, *args, executor=None, results=None, **settings):
    executor = executor or InThisProcess()
    return nn.sweep(
        train_fn, space, *args, executor=executor, results=results, **settings
    )


class Counting:
    """A training function that counts its calls and may be interrupted."""

    def __init__(self, train_fn, interrupt_at=None):
        self.train_fn = train_fn
        self.interrupt_at = interrupt_at
        self.calls = []
        self.__qualname__ = train_fn.__qualname__

    def __call__(self, config, seed, **budget):
        if len(self.calls) == self.interrupt_at:
            raise KeyboardInterrupt
        self.calls.append((config, seed, *budget.values()))
        return self.train_fn(config, seed, **budget)


# ---- strategies ------------------------------------------------------------------


def test_every_configuration_runs_with_every_seed():
    found = sweep(parabola, {"x": [3, 1, 2]}, seeds=[5, 4])
    rows = [(row.config["x"], row.seed, row.metrics["loss"]) for row in found]
    assert rows == [
        (3, 4, 1.04),
        (3, 5, 1.05),
        (1, 4, 1.04),
        (1, 5, 1.05),
        (2, 4, 0.04),
        (2, 5, 0.05),
    ]
    assert all(row.status == "ok" and row.budget is None for row in found)


def test_the_order_of_completion_leaves_no_trace(path):
    with ThreadPoolExecutor(4) as executor:
        found = sweep(last_first, {"x": range(4)}, executor=executor, results=path)
    lines = path.read_text().splitlines()[1:]
    assert [json.loads(line)["configuration"] for line in lines] == [3, 2, 1, 0]
    assert [row.configuration for row in found] == [0, 1, 2, 3]
    alone = sweep(last_first, {"x": range(4)})
    assert found == alone == nn.read_sweep(path)
    assert found.table() == alone.table()


def test_random_search_is_repeatable():
    space = {"x": nn.uniform(0.0, 4.0), "batch": [8, 16]}
    again = [
        sweep(parabola, space, "random", n=12, rng=np.random.default_rng(seed))
        for seed in (3, 3, 4)
    ]
    assert again[0] == again[1] != again[2]
    assert len(again[0]) == 12


def test_halving_keeps_the_best_of_each_round():
    train_fn = Counting(by_budget)
    found = sweep(
        train_fn,
        {"x": range(20)},
        "halving",
        n=9,
        budgets=(1, 3, 9),
        seeds=(0, 1),
        rng=np.random.default_rng(0),
    )
    x = [row.config["x"] for row in found if row.budget == 1 and row.seed == 0]
    # The mean over the seeds 0 and 1 is x ± 1 / (2 budget).
    first = sorted(x, key=lambda x: x + 0.5 * (-1) ** x)[:3]
    second = sorted(first, key=lambda x: x + (-1) ** x / 6)[:1]
    assert {row.config["x"] for row in found if row.budget == 3} == set(first)
    assert {row.config["x"] for row in found if row.budget == 9} == set(second)
    assert len(train_fn.calls) == len(found) == 2 * (9 + 3 + 1)
    assert found.best().config["x"] == second[0]
    assert found.best().budget == 9


def test_shares_of_budgets_that_binary_fractions_round():
    found = sweep(
        lambda config, seed, budget: {"loss": config["x"]},
        {"x": range(4)},
        "halving",
        n=4,
        budgets=(0.3, 0.4),  # 4 * (0.3 / 0.4) is 2.9999999999999996
        rng=np.random.default_rng(0),
    )
    assert sorted(row.config["x"] for row in found if row.budget == 0.4) == [0, 1, 2]


def test_halving_with_a_score_to_maximise():
    found = sweep(
        lambda config, seed, budget: {"accuracy": config["x"] / 10},
        {"x": range(10)},
        "halving",
        n=10,
        budgets=(0.1, 0.2),
        score="accuracy",
        mode="max",
        rng=np.random.default_rng(0),
    )
    assert sorted(row.config["x"] for row in found if row.budget == 0.2) == list(
        range(5, 10)
    )
    assert found.best().config == {"x": 9}


def test_a_configuration_that_diverges_once_is_not_kept():
    def train_fn(config, seed, budget):
        return {"loss": float("nan") if (config["x"], seed) == (0, 1) else config["x"]}

    settings = {"budgets": (1, 2), "seeds": (0, 1), "rng": np.random.default_rng(0)}
    found = sweep(train_fn, {"x": range(4)}, "halving", n=4, **settings)
    assert {row.config["x"] for row in found if row.budget == 2} == {1, 2}


def test_halving_ends_when_all_have_failed():
    def train_fn(config, seed, budget):
        raise ValueError("always")

    settings = {"budgets": (1, 2, 4), "rng": np.random.default_rng(0)}
    found = sweep(train_fn, {"x": range(4)}, "halving", n=4, **settings)
    assert len(found) == 4
    with pytest.raises(ValueError, match="first reason: ValueError: always"):
        found.best()


def test_a_training_function_cannot_change_its_configuration():
    def train_fn(config, seed):
        config["x"] = config.pop("x") + 100
        return {"loss": 0.0}

    assert [row.config for row in sweep(train_fn, {"x": [1]})] == [{"x": 1}]


# ---- failures --------------------------------------------------------------------


def test_failures_are_rows_with_their_reason():
    found = {row.config["way"]: row for row in sweep(troubled, {"way": WAYS})}
    assert {way: (row.status, row.error) for way, row in found.items()} == {
        "fine": ("ok", None),
        "nan": ("diverged", "loss is nan"),
        "infinite": ("diverged", "loss is -inf"),
        "trap": (
            "diverged",
            "FloatingPointError: divide by zero encountered in divide",
        ),
        "raises": ("failed", "KeyError: 'no such key'"),
        "exits": ("failed", "SystemExit: 3"),
        "list": (
            "failed",
            "TypeError: the training function must return a dict of numbers, got list.",
        ),
        "no score": ("failed", found["no score"].error),
    }
    assert "must return the score 'loss', got ['accuracy']" in found["no score"].error
    assert "raise SystemExit(code)" in found["exits"].traceback
    assert "run_trial" not in found["exits"].traceback


def test_numbers_of_any_kind_are_metrics_and_nothing_else_is():
    rows = sweep(troubled, {"way": ["arrays", "text"]}).rows
    assert rows[0].metrics == {"loss": 0.5, "right": 3, "b": True}
    assert [type(x) for x in rows[0].metrics.values()] == [float, int, bool]
    assert rows[1].error == "TypeError: 'name' must be a number, got str."


def test_a_broken_pool_gives_rows():
    class Broken(Executor):
        def submit(self, fn, /, *args, **kwargs):
            raise BrokenProcessPool("a worker died")

    (row,) = sweep(parabola, {"x": [1]}, executor=Broken())
    assert (row.status, "a worker died" in row.error) == ("failed", True)


# ---- going on --------------------------------------------------------------------


@pytest.mark.parametrize("interrupt_at", range(6))
def test_an_interrupted_sweep_goes_on(path, interrupt_at):
    space = {"x": [3, 1, 2]}
    stopped = Counting(parabola, interrupt_at)
    with pytest.raises(KeyboardInterrupt):
        sweep(stopped, space, seeds=(0, 1), results=path)
    assert len(nn.read_sweep(path)) == len(stopped.calls) == interrupt_at
    rest = Counting(parabola)
    found = sweep(rest, space, seeds=(0, 1), results=path)
    assert found == sweep(parabola, space, seeds=(0, 1))
    assert len(rest.calls) == 6 - interrupt_at
    assert not [call for call in rest.calls if call in stopped.calls]


def test_finished_runs_are_not_repeated(path):
    space = {"way": WAYS}
    first = Counting(troubled)
    found = sweep(first, space, results=path)
    assert len(first.calls) == len(WAYS)
    second = Counting(troubled)
    assert sweep(second, space, results=path) == found
    assert second.calls == []
    third = Counting(troubled)
    assert sweep(third, space, results=path, retry_failed=True) == found
    failed = [row.config["way"] for row in found if row.status == "failed"]
    assert [config["way"] for config, seed in third.calls] == failed
    assert nn.read_sweep(path) == found


def test_more_seeds_and_more_draws_extend_a_sweep(path):
    space = {"x": nn.uniform(0.0, 4.0)}
    for n, seeds, calls in [(3, [0], 3), (5, [0], 2), (5, [0, 1], 5), (2, [1], 0)]:
        train_fn = Counting(parabola)
        settings = {"n": n, "seeds": seeds, "rng": np.random.default_rng(0)}
        found = sweep(train_fn, space, "random", results=path, **settings)
        assert len(train_fn.calls) == calls
        assert len(found) == n * len(seeds)


def test_halving_goes_on(path):
    def run(train_fn, results):
        settings = {"budgets": (1, 3), "rng": np.random.default_rng(0)}
        return sweep(
            train_fn, {"x": range(20)}, "halving", n=6, results=results, **settings
        )

    with pytest.raises(KeyboardInterrupt):
        run(Counting(by_budget, interrupt_at=7), path)
    assert len(nn.read_sweep(path)) == 7  # the first round, and one run of the next
    rest = Counting(by_budget)
    assert run(rest, path) == run(by_budget, None)
    assert [call[2] for call in rest.calls] == [3]


def test_the_same_table_of_24_whatever_is_in_the_file(path):
    expected = sweep(train_network, SPACE_OF_24)
    statuses = [row.status for row in expected]
    assert (len(statuses), statuses.count("failed")) == (24, 6)
    assert statuses.count("diverged") > 0 < statuses.count("ok")
    sweep(train_network, SPACE_OF_24, results=path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[:0:-2]]))  # every other row, backwards
    found = sweep(train_network, SPACE_OF_24, results=path)
    assert found == expected == nn.read_sweep(path)
    assert found.table() == expected.table()


# ---- arguments -------------------------------------------------------------------

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"strategy": "grd"}, ValueError, "'grid', 'random' or 'halving', got 'grd'"),
        ({"n": 3}, ValueError, "a grid has all configurations"),
        ({"rng": RNG}, ValueError, "a grid has all configurations"),
        ({"strategy": "random", "rng": RNG}, ValueError, "'random' needs n="),
        ({"strategy": "random", "n": 0, "rng": RNG}, ValueError, "n must be at least"),
        ({"strategy": "random", "n": 2}, TypeError, "got rng=None. Pass rng=numpy"),
        ({"strategy": "random", "n": 2, "rng": 0}, TypeError, "got rng=0"),
        ({"strategy": "halving", "n": 2, "rng": RNG}, ValueError, "halving needs incr"),
        ({"budgets": (1, 2)}, ValueError, "the other strategies have none"),
        ({"mode": "best"}, ValueError, "'min' or 'max', got 'best'"),
        ({"seeds": 3}, TypeError, r"seeds=range\(3\)"),
        ({"seeds": []}, ValueError, "at least one seed"),
        ({"seeds": [1, 1]}, ValueError, "none twice"),
        ({"seeds": [0.5]}, TypeError, "integer"),
        ({"train_fn": 3}, TypeError, "train_fn must be a function, got 3"),
        ({"executor": 3}, TypeError, "executor must be an executor .*, got 3"),
        ({"executor": ThreadPoolExecutor}, TypeError, "got <class .*ThreadPoolExec"),
        *(
            ({"strategy": "halving", "n": 2, "rng": RNG, "budgets": budgets}, *wrong)
            for wrong in [(ValueError, "positive, finite and increasing")]
            for budgets in [(), (0, 1), (2, 1), (1, 1), (1, float("inf")), ("1", "2")]
        ),
    ],
)
def test_refusals_change_nothing(path, settings, error, message):
    arguments = {"train_fn": parabola, "space": {"x": [1]}} | settings
    state = RNG.bit_generator.state
    with pytest.raises(error, match=message):
        sweep(results=path, **arguments)
    assert not path.exists()
    assert RNG.bit_generator.state == state


def test_a_partial_function_goes_by_its_own_name(path):
    first = sweep(parabola, {"x": [1]}, results=path)
    assert sweep(partial(parabola), {"x": [1]}, results=path) == first
