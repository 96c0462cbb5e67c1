"""``python -m viz``: a picture of any script that leaves a cost or a loss."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from viz.__main__ import main

ROOT = Path(__file__).parents[2]
SCRIPT = """
import numpy as np
from autograd import Tensor
from helper import X

if __name__ == "__main__":
    W = Tensor([[1.0, -2.0]])
    Z = W @ X
    {result} = np.mean(Z * Z)
    print("trained")
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Return a function that writes a script, beside a module that it imports."""
    monkeypatch.setattr(sys, "argv", ["viz"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "helper.py").write_text("import numpy as np\nX = np.ones((2, 3))\n")

    def write(text):
        path = tmp_path / "train.py"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("result", ["cost", "loss"])
def test_step_writes_a_lesson_with_the_names_of_the_script(script, tmp_path, result):
    path = script(SCRIPT.format(result=result))
    out = tmp_path / "out" / "lesson.html"
    command = [sys.executable, "-m", "viz", "step", path, "-o", out]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["trained", str(out)]
    assert f"∂{result}/∂W = ∂{result}/∂Z @ Xᵀ" in out.read_text(encoding="utf-8")


def test_graph_draws_the_gradients(script, tmp_path):
    path = script(SCRIPT.format(result="cost"))
    out = tmp_path / "graph.svg"
    assert main(["graph", str(path), "--output", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "∂cost/∂W" in text
    assert "∂cost/∂W —" not in text.replace("\xa0", " ")


def test_without_an_output_the_browser_opens_it(script, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["step", str(script(SCRIPT.format(result="cost")))]) == 0
    path = Path(capsys.readouterr().out.splitlines()[-1])
    assert opened == [path.as_uri()]
    assert path.name == "train.html"
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "leaves no recorded tensor called cost or loss at its top level"),
        ("cost = 2.0", "at its top level: cost is a float"),
        ("import sys; sys.exit(3)", r"ended with sys.exit\(3\)"),
        (
            "from autograd import Tensor\ncost = Tensor([1.0, 2.0]) * 2",
            r"the root has shape \(2,\)",
        ),
    ],
)
def test_errors_are_one_sentence(script, text, message, capsys):
    assert main(["step", str(script(text)), "-o", "never.html"]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("viz step: ")
    assert len(printed.splitlines()) == 1
    assert re.search(message, printed)


def test_a_missing_file_and_a_wrong_suffix(script, tmp_path, capsys):
    assert main(["step", str(tmp_path / "none.py")]) == 1
    assert "none.py" in capsys.readouterr().err
    path = script(SCRIPT.format(result="cost"))
    assert main(["step", str(path), "-o", str(tmp_path / "x.pdf")]) == 1
    assert "is not .html" in capsys.readouterr().err
