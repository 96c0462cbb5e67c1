"""`show_config` on the machine that runs the tests."""

import gc
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd.config import measuring

# The module, which the function of this name hides.
show = importlib.import_module("autograd.config.show")
facts = importlib.import_module("autograd.config.facts")


@pytest.fixture
def quick(monkeypatch):
    """Numbers in place of measurements."""
    numbers = {
        "kernel_gain": lambda variables: 2.0,
        "thread_gain": lambda size, rounds: 0.5,
        "fresh_memory_cost": lambda: 1.0,
        "denormal_cost": lambda: 1.0,
        "collector_cost": lambda: 1.0,
    }
    for name, function in numbers.items():
        monkeypatch.setattr(show, name, function)
    return monkeypatch


@pytest.fixture(scope="module")
def config():
    return ag.show_config(mode="dicts")


def test_dicts_hold_json_values(config):
    assert json.loads(json.dumps(config)) == config
    assert config["numpy"]["version"] == np.__version__
    assert config["python"]["version"].split(".")[0] == "3"
    assert config["collector"]["thresholds"] == list(gc.get_threshold())


def test_measurements_are_quotients(config):
    numbers = [value for value in config["measured"].values() if value is not None]
    assert len(numbers) >= 3
    assert all(0 <= value < 1e4 for value in numbers)


def test_nothing_stays_changed():
    before = (dict(os.environ), gc.get_threshold(), gc.isenabled())
    measuring.thread_gain(32, rounds=1)
    measuring.collector_cost()
    assert (dict(os.environ), gc.get_threshold(), gc.isenabled()) == before
    gc.disable()
    try:
        measuring.collector_cost()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_table(quick, capsys):
    quick.setenv("OPENBLAS_NUM_THREADS", "3")
    assert ag.show_config() is None
    printed = capsys.readouterr().out
    assert f"NumPy        {np.__version__}" in printed
    assert "OPENBLAS_NUM_THREADS=3" in printed
    assert max(map(len, printed.splitlines())) <= 88


def test_findings_are_printed_with_what_helps(quick, capsys):
    missing = {"graphviz": "0.21", "pygraphviz": None, "dot": None}
    quick.setattr(facts, "_graphviz", lambda: missing)
    ag.show_config()
    printed = capsys.readouterr().out
    assert "no pygraphviz, no dot" in printed
    assert "- graphs cannot be drawn: there is no pygraphviz" in printed
    assert "try: pip install pygraphviz" in printed


def test_a_machine_on_which_all_is_well(quick, capsys):
    quick.setattr(show, "findings", lambda facts, measured: [])
    ag.show_config()
    assert "Nothing was found" in capsys.readouterr().out


def test_memory_that_is_kept(quick, capsys):
    if facts.platform.libc_ver()[0] != "glibc":
        pytest.skip("needs the GNU C library")
    quick.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    assert ag.show_config(mode="dicts")["memory"]["kept_when_freed"] == 256 << 20
    quick.setenv("MALLOC_TRIM_THRESHOLD_", "0")
    ag.show_config()
    printed = capsys.readouterr().out
    assert "MB that is freed" not in printed
    assert "MALLOC_TRIM_THRESHOLD_=0" in printed


def test_threadpoolctl_is_not_needed(quick):
    quick.setitem(sys.modules, "threadpoolctl", None)
    blas = ag.show_config(mode="dicts")["blas"]
    assert blas["kernel"] is blas["threads"] is None
    assert measuring.thread_gain(32, rounds=1) is None


def test_another_mode():
    with pytest.raises(ValueError, match="mode must be 'stdout' or 'dicts', got 'js'"):
        ag.show_config(mode="js")


def test_a_process_that_fails_is_no_measurement(monkeypatch):
    monkeypatch.setattr(measuring.sys, "executable", "/nowhere/python")
    assert measuring.kernel_gain({}) is None


def test_import_loads_none_of_it():
    root = Path(ag.__file__).parents[1]
    code = (
        "import sys, autograd; 'show_config' in dir(autograd) or sys.exit(2); "
        "sys.exit(any(name.startswith('autograd.config') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == 0
