"""Every row, at a small size: all libraries compute what the floor computes."""

import numpy as np
import pytest

from benchmarks.mathematics import disagreement
from benchmarks.problems import PROBLEMS, build_problem

SMALL = [
    "S1:samples=10,width=4",
    "S2:nodes=20",
    "M1:batch=4,width=8,depth=3",
    "M2:batch=3,width=5,depth=1",
    "M3:features=3,hidden=4,samples=5",
    "C1:batch=2",
    "C2:batch=2",
    "R1:steps=3,batch=2,hidden=5",
    "R2:steps=3,batch=2,hidden=5",
    "T1:batch=2,length=5,features=8,heads=2",
    "E1:side=4,links=3",
    "E1t:side=4,links=3",
]


def step_of(library, problem):
    """Take a step; return the loss, and NumPy's gradients."""
    loss, gradients = library.STEPS[problem.row](problem)()
    arrays = {name: library.to_numpy(g) for name, g in gradients.items()}
    return float(library.to_numpy(loss)), arrays


def test_every_row_is_here():
    assert [row.partition(":")[0] for row in SMALL] == list(PROBLEMS)


@pytest.mark.parametrize("row", SMALL)
def test_a_row_is_the_same_in_every_process(row):
    one, other = build_problem(row), build_problem(row)
    assert one.row == row.partition(":")[0]
    for a, b in ((one.data, other.data), (one.parameters, other.parameters)):
        assert list(a) == list(b)
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])


@pytest.mark.parametrize("row", SMALL)
def test_by_hand_follows_the_slope_of_its_loss(library, row):
    """A small step along the gradients changes the loss by their square."""
    problem = build_problem(row)
    floor = library("by_hand")
    loss, gradients = step_of(floor, problem)
    assert set(gradients) == set(problem.parameters)
    square = sum(float(np.sum(np.square(g, dtype=float))) for g in gradients.values())
    size = 1e-3 * abs(loss) / square
    moved = {
        name: np.asarray(value + size * gradients[name], value.dtype)
        for name, value in problem.parameters.items()
    }
    ahead = type(problem)(
        problem.row, "", problem.data, moved, problem.rtol, problem.sizes
    )
    change = step_of(floor, ahead)[0] - loss
    assert change == pytest.approx(size * square, rel=0.05)


LIBRARIES = {
    "chalkgrad": SMALL,
    "chalkgrad_compiled": SMALL,
    "chalkgrad_layers": [row for row in SMALL if row.startswith("R")],
    "torch_": SMALL,
    "torch_layers": [row for row in SMALL if row.startswith("R")],
    "micrograd_": [row for row in SMALL if row.startswith("S")],
}


@pytest.mark.parametrize(
    ("name", "row"), [(name, row) for name, rows in LIBRARIES.items() for row in rows]
)
def test_every_library_computes_the_same(library, name, row):
    if name.startswith(("torch", "micrograd")):
        pytest.importorskip(name.partition("_")[0])
    problem = build_problem(row)
    contestant = library(name)
    right_loss, right = step_of(library("by_hand"), problem)
    step = contestant.STEPS[problem.row](problem)
    for _ in range(2):  # nothing of a step stays for the next one
        loss, gradients = step()
        arrays = {k: contestant.to_numpy(g) for k, g in gradients.items()}
        loss = float(contestant.to_numpy(loss))
        assert disagreement(loss, arrays, right_loss, right, problem.rtol) is None


def test_disagreements_are_said():
    right = {"w": np.ones((2, 1)), "b": np.ones(2)}

    def of(loss=1.0, **gradients):
        return disagreement(loss, {**right, **gradients}, 1.0, right, 1e-6)

    assert of() is None
    assert of(w=right["w"] * (1 + 1e-7)) is None
    assert of(loss=1.1) == "the loss is 1.1, not 1"
    assert of(loss=np.nan) == "the loss is nan, not 1"
    assert "of w is (2,), not (2, 1)" in of(w=np.ones(2))
    assert "of b is float32, not float64" in of(b=np.ones(2, np.float32))
    assert "of b is off by 0.5" in of(b=np.array([1.0, 0.5]))
    assert "of b is off by nan" in of(b=np.array([1.0, np.nan]))
    assert "gradients of ['b', 'other', 'w']" in of(other=np.ones(1))
