"""``python -m benchmarks.lessons``: how long a lesson waits for a mark or a picture."""

import statistics
import time

import numpy as np

import autograd
import viz
from demos.article import backward_propagation, compute_cost, forward_propagation


def forward(parameters, X, Y):
    """Run the article's network and its cost."""
    A2, cache = forward_propagation(X, parameters)
    return compute_cost(A2, Y), cache


def article(rng):
    """Return parameters and data of a 2-3-1 network with four samples."""
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
    parameters = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return parameters, rng.standard_normal((2, 4)), np.array([[0.0, 1.0, 1.0, 0.0]])


def milliseconds(job, repeats=7):
    """Return the median time of a job, after one run that is not counted."""
    job()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        taken.append(1e3 * (time.perf_counter() - start))
    return statistics.median(taken)


def main():
    """Print one line for each job."""
    parameters, X, Y = article(np.random.default_rng(0))
    numbers = {name: autograd.scalars(x, name) for name, x in parameters.items()}
    cost, _ = forward(numbers, X, Y)
    cost.backward()
    jobs = {
        "mark the article's backward pass": lambda: autograd.check_backward(
            forward, backward_propagation, parameters, X, Y
        ),
        "draw its scalar graph as SVG": lambda: viz.graph(cost).svg(),
    }
    for name, job in jobs.items():
        print(f"{name:34} {milliseconds(job):7.1f} ms")


if __name__ == "__main__":
    main()
