"""Rows F, G and H of the catalogue of traps that need more than one line each.

The others are in test_traps.py; the id of a test is the row of the catalogue.
"""

import copy
import gc
import sys
import threading

import numpy as np
import pytest

import autograd as ag
from autograd import (
    GradientError,
    InPlaceError,
    Tensor,
    grad,
    gradcheck,
    hessian,
    no_grad,
)


def test_F02_copying_constructor():
    a = np.array([1.0, 2.0])
    x = Tensor(a)
    y = (x * x).sum()
    a[:] = 5
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


def test_F04_numpy_view_cannot_be_written_through():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    with pytest.raises(ValueError, match="read-only"):
        x.detach().numpy()[:] = 5
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


def test_F05_detached_copy_is_independent():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    d = x.detach()
    with no_grad():
        d *= 5
        d[0] = 7
    d.data[:] = 9
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


def test_F05_constant_view_does_not_follow_a_step():
    c, w = Tensor(np.ones((2, 3)), requires_grad=False), Tensor(1.0)
    y = (w * c.T).sum()
    c.data -= 5
    y.backward()
    assert w.grad == 6.0


def test_F09_write_to_a_saved_result():
    x = Tensor([1.0, 2.0], name="x")
    y = np.exp(x)
    y.data = np.zeros(2)
    with pytest.raises(InPlaceError, match=r"exp .*made a value"):
        y.sum().backward()
    with pytest.raises(InPlaceError, match="exp"):
        (y * 2).sum().backward()
    assert x.grad is None


def test_F10_write_into_a_copy():
    x, v = Tensor([1.0, 2.0, 3.0]), Tensor(7.0)
    y = x.copy() if hasattr(Tensor, "copy") else +x
    y[0] = v
    (y * [1.0, 10.0, 100.0]).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 10, 100])
    assert v.grad == 1.0


def test_F11_repeated_index_last_write_wins():
    x, v = Tensor([3.0, 2.0]), Tensor([9.0, 8.0])
    y = x * 1
    y[[0, 0]] = v
    np.testing.assert_array_equal(y.data, [8, 2])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 1])
    np.testing.assert_array_equal(v.grad, [0, 1])
    gradcheck(lambda x, v: ag.setitem(x, v, [0, 0]), x.data, v.data)


def test_F12_write_between_use_and_backward():
    x = Tensor([1.0, 2.0])
    y = x * 3
    z = y * y
    y[0] = 0.0
    with pytest.raises(InPlaceError):
        z.sum().backward()
    assert x.grad is None


def test_F16_kept_gradient_does_not_change():
    x = Tensor([3.0])
    (x * x).sum().backward()
    first = x.grad
    (x * x).sum().backward()
    np.testing.assert_array_equal(first, [6])
    np.testing.assert_array_equal(x.grad, [12])


def test_F17_view_does_not_inform_its_base():
    """`v *= 10` rebinds v: unlike in NumPy and PyTorch, y keeps its value."""
    x = Tensor([1.0, 2.0, 3.0, 4.0])
    y = x * x
    v = y[:2]
    v *= 10
    (y.sum() + v.sum()).backward()
    np.testing.assert_array_equal(y.data, [1, 4, 9, 16])
    np.testing.assert_array_equal(x.grad, [22, 44, 6, 8])
    y[:2] = y[:2] * 10  # what informs it
    assert y.data[0] == 10


def test_G09_cut_is_remembered_through_later_operations():
    x = Tensor(2.5)
    k = x.astype(np.int32)
    with pytest.raises(
        GradientError, match=r"astype\(int32\) at test_traps_engine\.py"
    ):
        ((k + 1.0) * x.detach()).backward()


def test_G12_difference_of_booleans_names_the_cure():
    a = Tensor(np.array([True, False]), name="mask")
    with pytest.raises(ag.DTypeError, match=r"subtract.*`\^`.*mask \(2,\) bool"):
        a - a


def test_H18_hook_that_raises_writes_nothing():
    a, b = Tensor([2.0]), Tensor([3.0])
    y = a * b
    kept = []

    def hook(g):
        kept.append(g)
        raise RuntimeError("hook")

    a.register_hook(hook)
    with pytest.raises(RuntimeError, match="hook"):
        (y * y).sum().backward()
    assert len(kept) == 1
    assert a.grad is b.grad is y.grad is None
    assert all(t._cotangent is None for t in (a, b, y))


def test_H19_deep_chain_with_a_low_recursion_limit():
    x = y = Tensor(1.0)
    for _ in range(20_000):
        y = y + 1.0
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        y.backward()
        assert repr(y) == "Tensor(20001., op=add)"
        with pytest.raises(TypeError, match="detach"):
            copy.deepcopy(y)
        assert copy.deepcopy(y.detach()).item() == 20001.0
        assert grad(lambda p, y=y: p * y)(1.0).item() == 20001.0
        del y
    finally:
        sys.setrecursionlimit(limit)
    assert x.grad == 1.0


def test_H23_backward_offers_no_create_graph():
    with pytest.raises(TypeError, match="create_graph"):
        Tensor(1.0).backward(create_graph=True)


def test_H23_nested_gradients_leave_no_cycles():
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            x = Tensor(np.arange(3.0))
            hessian(lambda p, x=x: np.sum(p * p * x))(np.ones(3))
            ag.jvp(grad(lambda p, x=x: np.sum(p**3 * x)), [np.ones(3)], [np.ones(3)])
            y = x * 2
            y[0] = y[1] * 2
            y.register_hook(lambda g: g)
            ag.checkpoint(lambda a, x=x: a * x)(y).sum().backward()
            del x, y
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_H25_sum_of_losses_keeps_their_graphs():
    """`total += loss` keeps every graph; `total += loss.item()` keeps none."""
    w = Tensor(2.0)

    def alive():
        return sum(type(x) is Tensor for x in gc.get_objects())

    gc.collect()
    before, total = alive(), 0.0
    for _ in range(100):
        total += (w * w).item()
    assert alive() == before
    kept = Tensor(0.0)
    for _ in range(100):
        kept = kept + w * w
    assert alive() >= before + 200
    del kept
    assert alive() <= before + 1


def test_H29_second_derivative_of_norm_at_zero():
    with np.errstate(all="ignore"):
        assert np.isnan(hessian(np.linalg.norm)(np.zeros(2))).any()


def test_H31_det_passes_gradcheck_at_a_singular_matrix():
    A = np.array([[1.0, 2.0], [2.0, 4.0]])
    gradcheck(np.linalg.det, A)
    np.testing.assert_allclose(grad(np.linalg.det)(A), [[4, -2], [-2, 1]], atol=1e-12)


def test_H17_debug_belongs_to_the_thread():
    seen = []

    def worker():
        with np.errstate(all="ignore"):
            seen.append(np.log(Tensor([0.0])).data[0])

    with ag.debug():
        thread = threading.Thread(target=worker)
        thread.start()
        thread.join()
    assert seen == [-np.inf]


@pytest.mark.parametrize("switch", [no_grad, ag.enable_grad, ag.debug])
def test_H15_asynchronous_generator_is_refused(switch):
    async def steps():
        yield 1

    with pytest.raises(TypeError, match="asynchronous generator"):
        switch()(steps)
