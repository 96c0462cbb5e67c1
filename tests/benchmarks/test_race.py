"""Races: who lies, dies or is absent, and whose turn it is."""

import numpy as np
import pytest

from benchmarks import race as racing
from benchmarks.contestants import EAGER, FLOOR, Contestant
from benchmarks.problems import build_problem
from benchmarks.process import Worker, WorkerError
from benchmarks.race import Rules, race

ROW = "E1:side=4,links=2"


class Fake:
    """A worker without a process; what it does depends on the library's name."""

    calls: list[tuple[str, dict]]

    def __init__(self, contestant, row, threads, folder, patience):
        self.name = contestant.library
        self.path = folder / f"{self.name}.npz"
        self.stopped = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopped = True

    def read(self):
        if self.name == "absent":
            return {"absent": ROW}
        if self.name == "unasked":
            return {"left_out": "it would take minutes"}
        if self.name == "broken":
            raise WorkerError("ModuleNotFoundError: No module named 'broken'")
        gradients = {name: np.ones((4, 4), np.float32) for name in ("a", "b")}
        if self.name == "liar":
            gradients["b"][1, 2] = 1.01
        np.savez(self.path, **gradients)
        return {"loss": 2.0, "gradients": str(self.path), "version": "1"}

    def ask(self, **request):
        assert not self.stopped
        Fake.calls.append((self.name, request))
        if self.name == "stillborn" and "steps" in request:
            raise WorkerError("the process ended with 1")
        if self.name == "mortal" and len(Fake.calls) > 30:
            raise WorkerError("the process ended with -9")
        if "steps" in request:
            each = {"slow": 10.0, "by_hand": 0.5}.get(self.name, 1.0)
            return {"seconds": [each] * request["steps"]}
        return {"peak": 3.0} if "peak" in request else request


@pytest.fixture
def run(monkeypatch):
    """Race fakes of these names against a fake floor."""
    monkeypatch.setattr(racing, "Worker", Fake)
    monkeypatch.setattr(Fake, "calls", [], raising=False)

    def run(*names, rules=None, collectors=("on",)):
        fakes = [Contestant(name, name, "none", "none") for name in names]
        rules = rules or Rules(rounds=8, turn=1.0, limit=50.0)
        return race(ROW, [FLOOR, *fakes], rules, collectors=collectors)

    return run


def names_called():
    return [name for name, request in Fake.calls if "steps" in request]


def test_times_are_means_of_a_step_round_by_round(run):
    [result] = run("plain")
    assert result["title"] == build_problem(ROW).title
    assert result["contestants"]["by hand"]["seconds"] == [0.5] * 8
    assert result["contestants"]["plain"]["seconds"] == [1.0] * 8
    assert result["contestants"]["plain"]["peak"] == 3.0


def test_a_liar_is_caught_and_never_timed(run):
    [result] = run("plain", "liar")
    error = result["contestants"]["liar"]["error"]
    assert error == "computes something else: the gradient of b is off by 0.01"
    assert "seconds" not in result["contestants"]["liar"]
    assert "liar" not in names_called()
    assert len(result["contestants"]["plain"]["seconds"]) == 8


def test_who_cannot_start_is_reported(run):
    [result] = run("broken")
    assert "No module named 'broken'" in result["contestants"]["broken"]["error"]


def test_who_does_not_have_the_row_is_not_mentioned(run):
    [result] = run("plain", "absent")
    assert list(result["contestants"]) == ["by hand", "plain"]


def test_who_is_left_out_says_why_and_is_not_timed(run):
    [result] = run("plain", "unasked")
    entry = result["contestants"]["unasked"]
    assert entry == {"left_out": "it would take minutes"}
    assert "unasked" not in names_called()


def test_who_dies_in_the_race_is_reported_and_the_others_go_on(run):
    [result] = run("mortal", "plain", rules=Rules(rounds=20, turn=1.0, limit=50.0))
    assert result["contestants"]["mortal"] == {"error": "the process ended with -9"}
    assert result["contestants"]["plain"]["seconds"] == [1.0] * 20


def test_who_dies_when_warming_up_is_reported(run):
    [result] = run("stillborn", "plain")
    assert result["contestants"]["stillborn"] == {"error": "the process ended with 1"}
    assert result["contestants"]["plain"]["seconds"] == [1.0] * 8


def test_a_race_without_a_floor_is_none(run, monkeypatch):
    def fail(self):
        raise WorkerError("no floor")

    monkeypatch.setattr(Fake, "read", fail)
    with pytest.raises(WorkerError, match="by hand: no floor"):
        run("plain")


def test_the_order_of_the_rounds_changes(run):
    run("a", "b", "c", rules=Rules(rounds=8, turn=1.0))
    turns = [name for name in names_called() if name in "abc"][6:]  # after warming up
    rounds = {tuple(turns[k : k + 3]) for k in range(0, len(turns), 3)}
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert len(rounds) > 1


def test_who_is_slow_sits_out_the_rounds_that_are_left(run):
    [result] = run("slow", rules=Rules(rounds=8, turn=1.0, limit=9.0))
    assert result["contestants"]["slow"]["seconds"] == [10.0] + [None] * 7
    assert None not in result["contestants"]["by hand"]["seconds"]


def test_both_settings_of_the_collector(run):
    results = run("plain", collectors=("on", "off"))
    assert [result["collector"] for result in results] == ["on", "off"]
    assert [r["collector"] for _, r in Fake.calls if "collector" in r] == [
        "on", "on", "off", "off",
    ]  # fmt: skip


def test_the_protocol_end_to_end(tmp_path):
    with Worker(FLOOR, ROW, 1, tmp_path, 60.0) as worker:
        report = worker.read()
        with np.load(report["gradients"]) as arrays:
            assert {k: v.shape for k, v in arrays.items()} == {"a": (4, 4), "b": (4, 4)}
        assert report["numpy"].count(".") == 2
        assert report["loss"] > 0
        assert report["held"] >= 0
        seconds = worker.ask(steps=5)["seconds"]
        assert len(seconds) == 5
        assert all(second >= 0 for second in seconds)
        assert worker.ask(collector="off") == {"collector": "off"}
        assert worker.ask(peak=2)["peak"] >= 0


def test_a_process_that_fails_says_why(tmp_path):
    nobody = Contestant("x", "nothing", "none", "numpy")
    with Worker(nobody, ROW, 1, tmp_path, 60.0) as worker:
        with pytest.raises(WorkerError, match=r"ModuleNotFoundError.*nothing"):
            worker.read()
        with pytest.raises(WorkerError, match="the process ended with"):
            worker.ask(steps=1)


def test_patience_ends(tmp_path):
    with (
        Worker(FLOOR, ROW, 1, tmp_path, 0.01) as worker,
        pytest.raises(WorkerError, match="no answer within 0 s"),
    ):
        worker.read()


def test_a_race_of_processes():
    rules = Rules(rounds=2, turn=0.001)
    [result] = race("M1:batch=2,width=4", [FLOOR, EAGER], rules, threads=1)
    for name in ("by hand", "eager"):
        entry = result["contestants"][name]
        assert len(entry["seconds"]) == 2, entry
        assert entry["peak"] >= 0
