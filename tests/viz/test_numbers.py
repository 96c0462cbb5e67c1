"""How numbers are printed in grids and alone."""

import numpy as np
import pytest

from viz.numbers import NumberFormat, number, shape_text


def grid(*values):
    form = NumberFormat.of(np.array(values))
    return form.factor, [form.text(float(x)) for x in values]


@pytest.mark.parametrize(
    ("values", "factor", "texts"),
    [
        ((0.0, 1.0, -2.0), "", ["0", "1", "−2"]),
        ((0.25, -1.5), "", ["0.25", "−1.50"]),
        ((0.001, 0.5), "", ["~0", "0.50"]),
        ((-0.028,), "", ["−0.028"]),
        ((123.45, 1.0), "", ["123.5", "1.0"]),
        ((1234.5, 1.0), "", ["1234", "1"]),
        ((2.5e-5, -1e-6, 1e-9), "×10⁻⁵", ["2.50", "−0.10", "~0"]),
        ((3e12, 0.0), "×10¹²", ["3.00", "0"]),
        ((12345.0, 10.0), "×10⁴", ["1.23", "~0"]),
        ((np.nan, np.inf, -np.inf, 0.5), "", ["NaN", "inf", "−inf", "0.50"]),
        ((np.nan,), "", ["NaN"]),
        ((5e-324,), "×10⁻³²³", ["0.50"]),
        ((1.7e308,), "×10³⁰⁸", ["1.70"]),
        ((0.999999,), "", ["1.00"]),
    ],
)
def test_one_format_for_a_grid(values, factor, texts):
    assert grid(*values) == (factor, texts)


def test_empty_grid():
    assert NumberFormat.of(np.zeros((0, 3))) == NumberFormat(0, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-0.8455, "−0.846"),
        (0.02, "0.02"),
        (0.9999, "1"),
        (999.9996, "1000"),
        (100000.0, "100000"),
        (0.00012, "1.2×10⁻⁴"),
        (-1.5e300, "−1.5×10³⁰⁰"),
        (float("nan"), "NaN"),
        (float("-inf"), "−inf"),
    ],
)
def test_single_number(value, text):
    assert number(value) == text


def test_shapes():
    assert [shape_text(s) for s in ((), (4,), (2, 0, 3))] == ["scalar", "4", "2×0×3"]
