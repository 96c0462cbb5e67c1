"""The article's network on real data: train it, check its gradients, draw its graph.

The forward pass and the cost are the article's own NumPy functions (`demos.article`),
unchanged.  Only the parameters are wrapped in tensors; `cost.backward()` does the rest.

Run it with ``python -m demos.article_network``.
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # pictures go to files; no screen is needed

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from tqdm import tqdm

import autograd
import viz
from autograd import Tensor
from demos.article import (
    backward_propagation,
    compute_cost,
    forward_propagation,
    initialize_parameters,
    predict,
)

QUANTITIES = ("cost", "validation cost", "accuracy", "validation accuracy")


def load_data(rng, validation_share=0.2):
    """Return training and validation samples, one per column, standardised.

    Mean and standard deviation are those of the training samples: the validation
    samples must not influence anything that training sees.
    """
    data = load_breast_cancer()
    X, Y = data.data.T, data.target.reshape(1, -1)
    order = rng.permutation(X.shape[1])
    n_validation = int(validation_share * X.shape[1])
    validation, training = order[:n_validation], order[n_validation:]
    mean = X[:, training].mean(axis=1, keepdims=True)
    std = X[:, training].std(axis=1, keepdims=True)
    X = (X - mean) / std
    return X[:, training], Y[:, training], X[:, validation], Y[:, validation]


def as_tensors(parameters):
    """Wrap every parameter, under its name."""
    return {name: Tensor(value, name=name) for name, value in parameters.items()}


def cost_of(parameters, X, Y):
    """Run the article's forward pass and its cost; return both results."""
    A2, cache = forward_propagation(X, parameters)
    with autograd.scope("cross-entropy"):
        cost = compute_cost(A2, Y)
    return cost, cache


def train(parameters, data, epochs, learning_rate):
    """Descend along the gradients, and watch cost and accuracy on unseen samples."""
    X, Y, X_validation, Y_validation = data
    history: dict[str, list[float]] = {name: [] for name in QUANTITIES}
    bar = tqdm(range(epochs), desc="training", unit="epoch", disable=None)
    for _ in bar:
        cost, _ = cost_of(parameters, X, Y)
        for parameter in parameters.values():
            parameter.zero_grad()
        cost.backward(keep="leaves")
        for parameter in parameters.values():
            parameter.data -= learning_rate * parameter.grad

        # On plain arrays the same functions record nothing.
        arrays = {name: parameter.data for name, parameter in parameters.items()}
        A2, _ = forward_propagation(X_validation, arrays)
        history["cost"].append(cost.item())
        history["validation cost"].append(compute_cost(A2, Y_validation).item())
        history["accuracy"].append(accuracy(X, Y, arrays))
        history["validation accuracy"].append(
            accuracy(X_validation, Y_validation, arrays)
        )
        bar.set_postfix({name: f"{values[-1]:.3f}" for name, values in history.items()})
    return history


def accuracy(X, Y, parameters):
    """Return the share of samples that are classified correctly."""
    return float(np.mean(predict(X, parameters) == Y))


def print_history(history):
    """Print five lines from the first epoch to the last."""
    epochs = len(history["cost"])
    print("epoch   cost   validation cost   accuracy   validation accuracy")
    for epoch in np.unique(np.linspace(0, epochs - 1, 5, dtype=int)):
        print(
            f"{epoch + 1:5}  {history['cost'][epoch]:.4f}  "
            f"{history['validation cost'][epoch]:15.4f}  "
            f"{history['accuracy'][epoch]:9.1%}  "
            f"{history['validation accuracy'][epoch]:20.1%}"
        )


def check_by_hand(parameters, X, Y):
    """Compare the article's hand-derived gradients with autograd's, step by step."""
    cost, cache = cost_of(parameters, X, Y)
    for parameter in parameters.values():
        parameter.zero_grad()
    cost.backward()
    hand = backward_propagation(
        {name: parameter.data for name, parameter in parameters.items()},
        {name: step.data for name, step in cache.items()},
        X,
        Y,
    )
    return autograd.compare(cost, hand, names=(parameters, cache))


def mark_a_mistake(parameters, X, Y):
    """Plant the derivative of another activation in the article's code, and mark it."""

    def forward(parameters, X, Y):
        A2, cache = forward_propagation(X, parameters)
        return compute_cost(A2, Y), cache

    arrays = {name: parameter.data for name, parameter in parameters.items()}
    wrong = next(
        mutant.backward
        for mutant in autograd.mutants(backward_propagation, forward, arrays, X, Y)
        if mutant.mistake == "wrong_activation_derivative"
    )
    return autograd.check_backward(forward, wrong, arrays, X, Y)


def draw(out, rng):
    """Draw a 2-3-1 network with four samples: one node per array, one per number."""
    X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    small = {
        name: rng.standard_normal(value.shape)
        for name, value in initialize_parameters(2, 3, 1, rng=rng).items()
    }

    tensors = as_tensors(small)
    cost, cache = cost_of(tensors, X, Y)
    cost.backward()
    names = {"cost": cost, "X": X, "Y": Y}
    graph = viz.graph(cost, names=[tensors, cache, names], title="one node per array")

    numbers = {name: autograd.scalars(value, name) for name, value in small.items()}
    samples = [
        autograd.scalars(array, name, requires_grad=False)
        for name, array in (("X", X), ("Y", Y))
    ]
    scalar_cost, scalar_cache = cost_of(numbers, *samples)
    scalar_cost.backward()
    name_steps(scalar_cache, scalar_cost)
    scalar_graph = viz.graph(scalar_cost, title="one node per number")

    return [
        graph.save(out / "graph_tensor.svg"),
        graph.save(out / "graph_tensor.png"),
        scalar_graph.save(out / "graph_scalar.svg"),
    ]


def name_steps(cache, cost):
    """Call each number of Z1 by its place: ``Z1[0,2]``."""
    for name, step in cache.items():
        for index in np.ndindex(step.shape):
            step[index].name = f"{name}[{','.join(map(str, index))}]"
    cost.name = "cost"


def draw_curves(history, path):
    """Plot cost and accuracy over the epochs, training against validation."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for axis, quantity in zip(axes, ("cost", "accuracy"), strict=True):
        axis.plot(history[quantity], color="#0072b2", label="training")
        axis.plot(
            history[f"validation {quantity}"],
            color="#d55e00",
            linestyle="--",
            label="validation",
        )
        axis.set(xlabel="epoch", ylabel=quantity)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path


def main(epochs=400, out=Path("out")):
    """Run the whole lesson; return the validation accuracy and the comparison."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    data = load_data(rng)
    X, Y, X_validation, _ = data
    print(
        f"Wisconsin breast cancer: {X.shape[1]} samples to train on, "
        f"{X_validation.shape[1]} to validate, {X.shape[0]} features.\n"
    )

    parameters = as_tensors(initialize_parameters(X.shape[0], 16, 1, rng=rng))
    history = train(parameters, data, epochs, learning_rate=1.0)
    print_history(history)

    comparison = check_by_hand(parameters, X, Y)
    print("\nThe article's hand-derived gradients against autograd's:\n")
    print(comparison)
    print(
        f"\nThe article writes dZ2 = A2 - Y and divides by m = {Y.shape[1]} later,"
        f"\nat dW and db: its dZ2 is m times dcost/dZ2, and so are its dA1 and dZ1."
    )

    print("\nThe same code with one mistake planted, marked:\n")
    print(mark_a_mistake(parameters, X[:, :7], Y[:, :7]))

    print("\nPictures:")
    for path in [*draw(out, rng), draw_curves(history, out / "curves.png")]:
        print(f"  {path}")
    return history["validation accuracy"][-1], comparison


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, options.out)
