"""Two moons: what a straight line cannot separate, and a network can.

Without a hidden layer a network is logistic regression: its boundary is a straight
line, whatever the training.  Hidden layers bend it.  The boundary is drawn here with
characters, and in pictures with the points.

Run it with ``python -m demos.moons_boundary``.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np

import nn
import viz


def make_model(hidden, rng):
    """Return a network with hidden layers of the given sizes; () is a straight line."""
    sizes = [2, *hidden]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out, rng=rng), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 1, rng=rng), nn.Flatten(0))


def train(model, data, validation, epochs, rng):
    """Train a model; return its trainer."""
    trainer = nn.Trainer(
        model,
        nn.BCEWithLogitsLoss(),
        nn.optim.Adam(model.parameters(), lr=0.02),
        rng=rng,
    )
    trainer.fit(data, validation, epochs=epochs, progress=False)
    return trainer


def print_map(trainer, rows=12, columns=48):
    """Print the predicted class at each place of the plane."""
    x, y = np.linspace(-1.5, 2.5, columns), np.linspace(1.3, -0.8, rows)
    places = np.stack(np.meshgrid(x, y), axis=-1)
    for row in places:
        print("  " + "".join(".#"[int(label)] for label in trainer.predict(row)))


def draw_graph(model, X, y, path):
    """Draw the computation graph of the loss of four points, with its gradients."""
    model.zero_grad()
    loss = nn.BCEWithLogitsLoss()(model(X[:4]), y[:4])
    loss.backward()
    viz.graph(loss, names={"loss": loss}, title="the loss of four points").save(path)
    return path


def main(epochs=60, n=600, out=Path("out")):
    """Run the whole lesson; return the validation accuracy of both models."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    data = nn.moons(n, noise=0.15, rng=rng)
    validation = nn.moons(1000, noise=0.15, rng=rng)
    accuracies, pictures = [], []
    for name, hidden in (("straight line", ()), ("two hidden layers", (16, 16))):
        model = make_model(hidden, rng)
        trainer = train(model, data, validation, epochs, rng)
        accuracy = nn.metrics.accuracy(trainer.predict(validation[0]), validation[1])
        accuracies.append(accuracy)
        print(f"{name}: {accuracy:.1%} of {len(validation[0])} unseen points are right")
        print_map(trainer)
        print()
        pictures.append(out / f"moons_{'line' if not hidden else 'network'}.png")
        viz.boundary(model, *validation, title=name).savefig(pictures[-1])

    pictures.append(draw_graph(model, *data, out / "moons_graph.svg"))
    print(f"Pictures: {', '.join(map(str, pictures))}")
    return accuracies


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
