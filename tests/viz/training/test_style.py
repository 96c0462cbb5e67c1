"""Colours that can be read, and settings of the user that stay."""

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import viz
from viz.training.sheet import spread
from viz.training.style import (
    DIVERGED,
    QUIET,
    SERIES,
    TEXT,
    WRONG,
    contrast,
    readable,
    series,
)

ROOT = Path(__file__).resolve().parents[3]


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#ffffff") == pytest.approx(1)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)
    assert contrast("#ff0000", "#00ff00") == pytest.approx(2.91, abs=0.01)


@pytest.mark.parametrize("colour", [TEXT, QUIET, WRONG, DIVERGED])
def test_text_can_be_read(colour):
    assert contrast(colour) >= 4.5


def test_labels_of_lines_can_be_read_and_lines_differ_without_colour():
    assert all(contrast(s.ink) >= 4.5 for s in SERIES)
    assert len({str(s.dash) for s in SERIES}) == len(SERIES)
    assert len({s.marker for s in SERIES}) == len(SERIES)
    many = [series(k) for k in range(3 * len(SERIES))]
    assert len({(s.colour, str(s.dash)) for s in many}) == len(many)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_readable_darkens_until_it_is(channels):
    colour = "#" + "".join(f"{c:02x}" for c in channels)
    shade = readable(colour)
    assert contrast(shade) >= 4.5
    if contrast(colour) >= 4.5:
        assert shade == colour


@given(
    st.lists(st.floats(-10, 10), max_size=12),
    st.floats(0, 2),
)
def test_spread_keeps_order_gaps_and_mean(wanted, gap):
    places = spread(wanted, gap)
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    steps = np.diff([places[k] for k in order])
    assert np.all(steps >= gap - 1e-9)
    if wanted:
        assert np.mean(places) == pytest.approx(np.mean(wanted), abs=1e-9)


def test_what_is_far_apart_stays():
    assert spread([3.0, 1.0, 2.0], 0.5) == [3.0, 1.0, 2.0]


def test_settings_of_the_user_neither_count_nor_change():
    plain = viz.curves({"loss": [3.0, 2.0, 1.0]})
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": True}):
        before = dict(mpl.rcParams)
        figure = viz.curves({"loss": [3.0, 2.0, 1.0]})
        assert dict(mpl.rcParams) == before
        assert figure.axes[0].lines[0].get_linewidth() == pytest.approx(1.6)
    assert figure.axes[0].title.get_size() == plain.axes[0].title.get_size()


def test_matplotlib_is_loaded_by_the_first_picture():
    code = (
        "import sys, viz; viz.Monitor(); assert 'matplotlib' not in sys.modules; "
        "viz.curves({'loss': [1.0, 0.5]}); assert 'matplotlib' in sys.modules; "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_data_give_the_same_file(tmp_path, suffix):
    contents = set()
    for k in range(2):
        path = tmp_path / f"{k}.{suffix}"
        viz.curves({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.5, 2.7]}).savefig(path)
        contents.add(path.read_bytes())
    assert len(contents) == 1


def test_a_notebook_shows_it_sharp_and_fitting():
    data, size = viz.curves({"loss": [3.0, 2.0]})._repr_png_()
    assert data.startswith(b"\x89PNG")
    assert size["width"] <= 1200
    assert int.from_bytes(data[16:20], "big") == 2 * size["width"]
