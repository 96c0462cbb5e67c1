"""Every demo is a program: ``python -m demos.NAME``, with ``--help`` and ``--out``."""

import runpy
import sys
from pathlib import Path

import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

FOLDER = Path(__file__).parents[2] / "demos"
PROGRAMS = sorted(
    path.stem for path in FOLDER.glob("*.py") if "__main__" in path.read_text("utf-8")
)
SHORT = {"backprop_ninja": ["--steps", "10"], "vanishing_gradients": ["--depth", "2"]}


def run(name, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    return runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")


def test_programs_are_found():
    assert {"article_network", "digits_cnn", "sweep"} <= set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_says_what_one_learns(name, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="0"):
        run(name, monkeypatch, "--help")
    printed = " ".join(capsys.readouterr().out.split())
    lesson = (FOLDER / f"{name}.py").read_text(encoding="utf-8").partition("\n")[0]
    assert lesson.removeprefix('"""') in printed


@pytest.mark.slow
@pytest.mark.parametrize("name", [x for x in PROGRAMS if x != "sweep"])
def test_short_run_from_the_command_line(name, monkeypatch, tmp_path, capsys):
    out = [] if name == "backprop_ninja" else ["--out", str(tmp_path)]
    run(name, monkeypatch, *SHORT.get(name, ["--epochs", "1"]), *out)
    assert len(capsys.readouterr().out.splitlines()) > 5
    assert bool(list(tmp_path.iterdir())) == bool(out)
