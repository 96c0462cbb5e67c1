"""Threads and tasks that differentiate at the same time, also over shared leaves."""

import asyncio
import threading

import numpy as np

import autograd as ag
from autograd import Tensor, grad, scalars

THREADS = 8


def run_in_threads(work):
    """Run ``work(number)`` in threads that start together; return what it returned."""
    barrier, results = threading.Barrier(THREADS), [None] * THREADS

    def run(number):
        barrier.wait()
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_nested_gradients_in_threads():
    def work(number):
        wrong = 0
        for k in range(100):
            x = number + k / 100
            second = grad(grad(lambda t: np.sin(t) * t**2))(x)
            expected = (2 - x * x) * np.sin(x) + 4 * x * np.cos(x)
            wrong += abs(second - expected) > 1e-9 * max(1.0, abs(expected))
        return wrong

    assert run_in_threads(work) == [0] * THREADS


def test_nested_gradients_over_shared_leaves():
    """Each thread differentiates a function of the same leaf, twice."""
    W = Tensor([1.0, 2.0, 3.0])
    shared = np.sum(np.exp(W) * W)  # a graph that all threads walk

    def work(number):
        wrong = 0
        for _ in range(50):
            inner = grad(lambda w: np.sum(w * w * W) * shared.item())(W)
            (slope,) = ag.engine.differentiate(shared, np.float64(1.0), [W], False)
            wrong += not np.allclose(slope, np.exp(W.data) * (1 + W.data), rtol=1e-12)
            wrong += not np.allclose(
                inner.data, 2 * W.data**2 * shared.item(), rtol=1e-12
            )
        return wrong

    assert run_in_threads(work) == [0] * THREADS
    assert W.grad is None


def test_backward_into_a_shared_leaf_loses_nothing():
    W = Tensor([1.0, 2.0])

    def work(number):
        for _ in range(100):
            (W * float(number)).sum().backward()

    run_in_threads(work)
    np.testing.assert_array_equal(W.grad, np.full(2, 100.0 * sum(range(THREADS))))


def test_no_grad_toggling_beside_training():
    def work(number):
        lost = 0
        for _ in range(300):
            if number % 2:
                with ag.no_grad():
                    lost += (Tensor(2.0) * 3).requires_grad
            else:
                x = Tensor(2.0)
                (x * x).backward()
                lost += x.grad != 4.0
        return lost

    assert run_in_threads(work) == [0] * THREADS


def test_tasks_that_differentiate():
    async def work(number):
        x = Tensor(float(number))
        y = x * x
        await asyncio.sleep(0)
        with ag.no_grad():
            await asyncio.sleep(0)
        y = y * x
        await asyncio.sleep(0)
        y.backward()
        return x.grad == 3.0 * number**2

    async def main():
        return await asyncio.gather(*(work(k) for k in range(100)))

    assert all(asyncio.run(main()))


def test_scalar_graphs_in_threads():
    def work(number):
        w = scalars(np.arange(4.0) + number)
        np.sum(w * w).backward()
        return [cell.grad for cell in w]

    for number, gradients in enumerate(run_in_threads(work)):
        assert gradients == [2.0 * (k + number) for k in range(4)]
