"""What a drawing does to the process: programs, fonts, output, threads, hash seeds."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import viz
from autograd import Tensor, scope
from viz import render

ROOT = Path(__file__).parents[2]

DRAW = """
import os
import sys
import numpy as np
import viz
from autograd import Tensor, scope

W, b = Tensor([[1.0, -2.0]], name="W"), Tensor([[0.5]], name="b")
with scope("layer"):
    A = np.tanh(W @ np.ones((2, 3)) + b)
cost = (A * A).mean()
cost.backward()
"""


def run(code, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", DRAW + code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_no_program_and_no_system_font_is_needed(tmp_path):
    """Check 1 of the specification; a foreign font configuration is not read."""
    code = """
for suffix in ("svg", "png", "pdf"):
    viz.graph(cost, names=locals()).save(f"{sys.argv[1]}/g.{suffix}")
print(sorted((k, v) for k, v in os.environ.items() if "FONTCONFIG" in k))
"""
    foreign = str(tmp_path / "no-such-fonts.conf")
    done = run(code, tmp_path, PATH="", FONTCONFIG_FILE=foreign)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    assert done.stdout.decode().strip() == f"[('FONTCONFIG_FILE', {foreign!r})]"
    fonts = (tmp_path / "g.pdf").read_bytes()
    assert b"DejaVuSans" in fonts
    assert (tmp_path / "g.png").stat().st_size > 5_000
    assert "∂cost/∂W" in (tmp_path / "g.svg").read_text(encoding="utf-8")


def test_glyphs_are_drawn_not_boxes(tmp_path):
    """Different letters give different pictures; missing ones give equal boxes."""
    pictures = [
        render.render(
            f'digraph {{ a [label="{sign}", fontname="DejaVu Sans"] }}', "png"
        )
        for sign in "∂×−²ᵀΣ"
    ]
    assert len(set(pictures)) == 6


def test_the_font_folder_is_removed_at_exit():
    code = """
viz.graph(cost).svg()
from viz import render
print(render._font_variables()["FONTCONFIG_FILE"])
"""
    done = run(code)
    assert done.stderr == b""
    assert not Path(done.stdout.decode().strip()).parent.exists()


def test_same_text_under_every_hash_seed():
    code = "sys.stdout.write(viz.graph(cost, names=locals()).source)"
    texts = {run(code, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "42")}
    assert len(texts) == 1
    assert texts.pop().startswith(b"digraph")


def graphs():
    """Return thirty different graphs."""
    found = []
    for k in range(30):
        w = Tensor(np.linspace(0.0, 1.0 + k, 4).reshape(2, 2), name=f"w{k}")
        with scope(f"part {k % 3}"):
            y = np.tanh(w @ w) if k % 2 else w * w + k
        found.append(viz.graph(y.sum(), title=f"picture {k}"))
    return found


def test_eight_threads_draw_thirty_pictures_each(capfd):
    expected = [graph.svg() for graph in graphs()]
    wrong = []

    def draw(start):
        own = graphs()
        for k in range(30):
            k = (k + 4 * start) % 30
            if own[k].svg() != expected[k]:
                wrong.append(k)

    threads = [threading.Thread(target=draw, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert capfd.readouterr() == ("", "")


def test_program_on_the_path_where_the_wheel_is_missing(tmp_path, monkeypatch):
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\necho "drawn $1"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    hide_wheel(monkeypatch)
    assert render.render("digraph {}", "svg") == b"drawn -Tsvg\n"
    program.write_text('#!/bin/sh\necho "bad graph" >&2\nexit 1\n')
    with pytest.raises(render.RenderError, match="dot failed: bad graph"):
        render.render("digraph {}", "svg")


def test_no_graphviz_at_all(monkeypatch):
    monkeypatch.setenv("PATH", "")
    hide_wheel(monkeypatch)
    with pytest.raises(render.RenderError, match="pip install pygraphviz"):
        render.render("digraph {}", "svg")


def hide_wheel(monkeypatch):
    found = render.importlib.util.find_spec
    monkeypatch.setattr(
        render.importlib.util,
        "find_spec",
        lambda name: None if name == "pygraphviz" else found(name),
    )


def test_text_that_is_no_graph():
    with pytest.raises(render.RenderError, match="could not"):
        render.render("digraph { a -> }", "svg")


def test_viz_does_not_load_graphviz_or_matplotlib_at_import():
    code = "print([m for m in ('matplotlib', 'pygraphviz') if m in sys.modules])"
    assert run(code).stdout.decode().strip() == "[]"
