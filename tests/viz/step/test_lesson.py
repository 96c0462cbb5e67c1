"""The lesson as data: the order, the formulas, and the numbers in them."""

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor, scope
from autograd.errors import ShapeError
from autograd.tracing import trace
from viz.step.equation import Matrix


@pytest.fixture
def lesson(network):
    return viz.step(network.cost, names=network.names()).steps


def backward_to(steps, name):
    return [s for s in steps if s.phase == "backward" and s.title.endswith(f" {name}")]


def result(step):
    return step.equation[step.result].value.whole


def labels(step):
    return [x.label if isinstance(x, Matrix) else x for x in step.equation]


def test_phases_follow_each_other(lesson):
    phases = [step.phase for step in lesson]
    forward, backward = phases.count("forward"), phases.count("backward")
    assert phases == (
        ["ready"] + ["forward"] * forward + ["start"] + ["backward"] * backward
        + ["summary"]
    )  # fmt: skip
    assert (forward, backward) == (16, 20)


def test_the_backward_order_is_the_engines(network):
    """Hooks are called by a real backward pass when a cotangent is complete."""
    names = [k for k, v in network.names().items() if isinstance(v, Tensor)]
    called = []
    for name in names:
        tensor = network.names()[name]
        if tensor.op is not None:
            tensor.register_hook(lambda g, name=name: called.append(name))
    steps = viz.step(network.cost, names=network.names()).steps
    assert called  # a sweep is a sweep
    called.clear()
    network.cost.backward()
    complete = [s.title.split()[-1] for s in steps if s.gradient_of][1:]
    assert [name for name in complete if name in called] == called[1:]


def test_every_product_of_the_sweep_is_a_step_in_its_order(network, lesson):
    products = trace(network.cost).products
    steps = [step for step in lesson if step.phase == "backward"]
    assert len(products) == len(steps)
    for product, step in zip(products, steps, strict=True):
        np.testing.assert_array_equal(result(step), product.value)


def test_gradients_are_those_derived_by_hand(network, lesson):
    for name, expected in network.hand().items():
        steps = backward_to(lesson, name)
        if name != "cost":
            final = steps[-1].equation[-1]
            assert final.label.startswith(f"∂cost/∂{name}")
            np.testing.assert_allclose(final.value.whole, expected, rtol=1e-12)


def test_formulas_have_names_and_matrices(lesson):
    (step,) = backward_to(lesson, "W1")
    assert step.chain == "∂cost/∂W1 = ∂cost/∂t1 · ∂t1/∂W1"
    assert step.formula == "∂cost/∂W1 = ∂cost/∂t1 @ Xᵀ"
    assert step.shapes == "(3×4) @ (4×2) → (3×2)"
    assert labels(step) == ["∂cost/∂t1", "@", "Xᵀ", "=", "∂cost/∂W1"]
    assert step.cells == "matmul"
    assert lesson[1].formula == "t1 = W1 @ X"


def test_factors_that_are_expressions_are_one_matrix(network, lesson):
    (step,) = backward_to(lesson, "Z1")
    assert labels(step)[:5] == ["∂cost/∂A1", "×", "A1", "×", "1 − A1"]
    np.testing.assert_array_equal(step.equation[4].value.whole, 1 - network.A1.data)


_PYTHON = str.maketrans({"×": "*", "−": "-"})


def test_equations_are_true(lesson):
    """What stands left of the sign of equality gives what stands right of it."""
    checked = 0
    for step in lesson:
        items = step.equation[: max(step.result - 1, 0)]
        if step.cells not in ("matmul", "cells") or any("(" in x for x in labels(step)):
            continue
        words = [
            f"(m{k})" if isinstance(item, Matrix) else item.translate(_PYTHON)
            for k, item in enumerate(items)
        ]
        given = {
            f"m{k}": x.value.whole for k, x in enumerate(items) if isinstance(x, Matrix)
        }
        np.testing.assert_allclose(
            eval(" ".join(words), given), result(step), atol=1e-15
        )
        checked += 1
    assert checked >= 15


def test_broadcasting_is_told_in_both_directions(lesson):
    (forward,) = [step for step in lesson if step.formula == "Z1 = t1 + b1"]
    assert forward.notes == (
        "Broadcasting: b1 (3×1) becomes 3×4, its column is used 4 times.",
    )
    (backward,) = backward_to(lesson, "b1")
    assert backward.formula == "∂cost/∂b1 = Σ ∂cost/∂Z1 over columns"
    assert "was repeated to 3×4" in backward.notes[0]
    assert "the sum over the columns" in backward.notes[0]
    assert backward.cells == "sum"


def test_gradients_from_different_paths_add_up(network, lesson):
    first, second = backward_to(lesson, "A2")
    assert (first.contribution, second.contribution) == ((1, 2), (2, 2))
    assert not first.gradient_of
    assert second.gradient_of
    assert second.notes[0] == (
        "A2 is used 2 times: contribution 2 of 2. "
        "Gradients from different paths ADD UP."
    )
    assert second.formula.startswith("∂cost/∂A2 += ")
    assert labels(second)[-5:] == ["this path", "+", "so far", "=", "∂cost/∂A2 now"]
    this, so_far, now = (second.equation[k].value.whole for k in (-5, -3, -1))
    np.testing.assert_array_equal(so_far, result(first))
    np.testing.assert_array_equal(now, this + so_far)


def test_b_equals_a_plus_a_has_two_contributions():
    """Check 3 of the specification."""
    a = Tensor(3.0, name="a")
    b = a + a
    steps = backward_to(viz.step(b, names=locals()).steps, "a")
    assert [step.contribution for step in steps] == [(1, 2), (2, 2)]
    assert sum(float(result(step)) for step in steps) == 2.0


def test_the_jacobian_is_spoken_of_for_tensors_only(lesson, neuron):
    (matrix,) = backward_to(lesson, "W1")
    assert "Vector-Jacobian product: ∂cost/∂t1, read as a row of 12" in matrix.notes[0]
    assert "the Jacobian ∂t1/∂W1 (12×6), which is never built" in matrix.notes[0]
    (elementwise,) = backward_to(lesson, "Z2")
    assert "is diagonal" in elementwise.notes[0]
    root, names = neuron
    for step in viz.step(root, names=names).steps:
        assert not any("Jacobian product:" in note for note in step.notes)


def test_a_scalar_graph_steps_number_by_number(neuron):
    root, names = neuron
    steps = viz.step(root, names=names).steps
    z, e = names["z"], names["e"]
    (step,) = backward_to(steps, "z")
    a = names["a"].item()
    assert step.formula == "∂L/∂z = ∂L/∂a × a × (1 − a)"
    np.testing.assert_allclose(result(step), 2 * e.item() * a * (1 - a))
    assert step.value_of == ""
    assert z.grad is None


def test_the_same_forward_code_on_scalars():
    W = autograd.scalars(np.array([[1.0, 2.0]]))
    cost = np.sum(np.dot(W, np.array([[3.0], [4.0]])) ** 2)
    steps = viz.step(cost, names={"W": W, "cost": cost}).steps
    (step,) = backward_to(steps, "W[0,1]")
    np.testing.assert_allclose(result(step), 2 * 11.0 * 4.0)


def test_a_recurrent_net_collects_one_contribution_per_use():
    W, h = Tensor(np.eye(2) * 0.5, name="W"), np.ones((2, 1))
    for _ in range(3):
        h = np.tanh(W @ h)
    cost = np.sum(h)
    cost.backward()
    steps = backward_to(viz.step(cost).steps, "W")
    assert [step.contribution for step in steps] == [(1, 3), (2, 3), (3, 3)]
    np.testing.assert_allclose(steps[-1].equation[-1].value.whole, W.grad)


def test_nothing_is_known_before_it_is_computed(lesson):
    known = {step.value_of: k for k, step in enumerate(lesson) if step.value_of}
    complete = {s.gradient_of: k for k, s in enumerate(lesson) if s.gradient_of}
    for k, step in enumerate(lesson):
        for source in step.sources:
            if step.phase == "forward":
                assert known.get(source, 0) < k
            if step.phase == "backward":
                assert complete[source] < k


def test_no_gradient_is_read_or_changed(network):
    network.W1.grad = np.full((3, 2), 7.0)
    steps = viz.step(network.cost, names=network.names()).steps
    (step,) = backward_to(steps, "W1")
    np.testing.assert_allclose(result(step), network.hand()["W1"])
    assert np.all(network.W1.grad == 7.0)
    assert network.W2.grad is None
    assert network.cost.grad is None


def test_numbers_are_copied(network):
    page = viz.step(network.cost, names=network.names())
    before = page.html()
    network.W1.data *= 2
    assert page.html() == before


def test_the_summary_has_the_norms(network, lesson):
    norms = {row.name: row for row in lesson[-1].norms}
    assert list(norms)[:4] == ["W1", "b1", "W2", "b2"]
    for name, expected in network.hand().items():
        if name != "cost":
            np.testing.assert_allclose(norms[name].gradient, np.linalg.norm(expected))


def test_a_collapsed_group_hides_the_steps_inside(network):
    options = {"names": network.names(), "collapse": "cross-entropy"}
    steps = viz.step(network.cost, **options).steps
    titles = [step.title for step in steps]
    assert "log computes t4" not in titles
    assert titles.count("subtract passes a gradient to A2") == 1
    assert "collapsed group of 10 operations" in " ".join(
        backward_to(steps, "A2")[-1].notes
    )
    np.testing.assert_allclose(
        backward_to(steps, "A2")[-1].equation[-1].value.whole, network.hand()["A2"]
    )


def test_limits_name_ways_out_that_work():
    x = y = Tensor(0.5, name="x")
    for k in range(10):
        with scope(f"block {k}"):
            for _ in range(10):
                y = y + x
    with pytest.raises(ValueError, match="step: 101 nodes at scalar level") as caught:
        viz.step(y, max_nodes=50)
    assert 'collapse="block *" (12 nodes)' in str(caught.value)
    assert 'detail="module" (12 nodes)' in str(caught.value)
    assert len(viz.step(y, max_nodes=50, collapse="block *").steps) > 10
    assert len(viz.step(y, max_nodes=50, detail="module").steps) > 10
    with pytest.raises(ValueError, match="step: collapse='nothing' fits no group"):
        viz.step(y, collapse="nothing")


def test_errors_say_what_was_given():
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"step: needs a recorded tensor.* got float"):
        viz.step(2.0)
    with pytest.raises(ShapeError, match=r"step: .* the root has shape \(2,\)"):
        viz.step(x * 2)
    with pytest.raises(ValueError, match="step: theme must be one of 'auto', 'light'"):
        viz.step((x * 2).sum(), theme="blue")
