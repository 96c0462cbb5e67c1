"""Vanishing and exploding gradients: why weights must not begin just anywhere.

On its way back through a deep network the gradient is multiplied by each layer's
weights and by the derivative of each activation.  With small weights it shrinks at
every layer until nothing is left for the first ones; with large weights it grows.
Xavier and Kaiming choose the size that keeps it, for tanh and for relu.  A sigmoid,
whose derivative is at most 1/4, loses it with either.

Run it with ``python -m demos.vanishing_gradients``.
"""

import argparse
from pathlib import Path

import numpy as np

import nn
import viz
from demos.digits import CLASSES, load_data

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
INITS = {
    "0.01 randn": lambda w, rng: nn.init.small_normal(w, 0.01, rng=rng),
    "xavier": lambda w, rng: nn.init.xavier_normal(w, rng=rng),
    "kaiming": lambda w, rng: nn.init.kaiming_normal(w, nonlinearity="relu", rng=rng),
    "randn": lambda w, rng: nn.init.normal(w, rng=rng),
}
WIDTH = 64  # pixels of an image, and units of each hidden layer


def make_model(activation, init, depth):
    """Return a network whose weights are set by one of INITS, and its biases to 0."""
    rng = np.random.default_rng(0)
    layers: list[nn.Module] = [nn.Flatten()]
    for _ in range(depth):
        layers += [nn.Linear(WIDTH, WIDTH, rng=rng), ACTIVATIONS[activation]()]
    model = nn.Sequential(*layers, nn.Linear(WIDTH, CLASSES, rng=rng))
    for parameter in model.parameters():
        if parameter.ndim == 2:
            INITS[init](parameter, rng)
        else:
            nn.init.zeros(parameter)
    return model


def gradient_norms(model, X, Y):
    """Return the norm of the gradient of each layer's weights, first layer first."""
    model.zero_grad()
    nn.CrossEntropyLoss()(model(X), Y).backward()
    return [np.linalg.norm(p.grad) for p in model.parameters() if p.ndim == 2]


def verdict(norm):
    """Say in a word what is left of the gradient where it arrives."""
    if norm < 1e-4:
        return "vanishes"
    return "explodes" if norm > 100 else "arrives"


def accuracy_after(model, train, validation, epochs):
    """Train for a few epochs; return the validation accuracy."""
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.9),
        metrics=[nn.metrics.accuracy],
        clip=1.0,  # an exploding gradient would end the training at once
        rng=np.random.default_rng(1),
    )
    history = trainer.fit(train, validation, epochs=epochs, progress=False)
    return history["val_accuracy"][-1]


def draw(train, depth, path):
    """Draw the gradients of all layers, for every activation and initialisation."""
    X, Y = train
    makers = {
        activation: lambda init, activation=activation: make_model(
            activation, init, depth
        )
        for activation in ACTIVATIONS
    }
    figure = viz.init_study(
        makers, X[:200], Y[:200], {i: i for i in INITS}, loss=nn.CrossEntropyLoss()
    )
    figure.savefig(path)
    return path


def main(depth=10, epochs=5, n_train=1437, out=Path("out")):
    """Run the whole lesson; return the verdicts and the accuracies by combination."""
    train, validation = load_data(np.random.default_rng(0), n_train)
    print(f"{depth} hidden layers of {WIDTH} units: the norm of a layer's gradient")
    print(f"right after initialisation, and the accuracy after {epochs} epochs.\n")
    print("activation  weights     first layer  last layer  gradient  accuracy")
    verdicts, accuracies = {}, {}
    for activation in ACTIVATIONS:
        for init in INITS:
            model = make_model(activation, init, depth)
            first, *_, last = gradient_norms(model, *train)
            key = activation, init
            verdicts[key] = verdict(first)
            accuracies[key] = accuracy_after(model, train, validation, epochs)
            print(
                f"{activation:10}  {init:10}  {first:11.1e}  {last:10.1e}  "
                f"{verdicts[key]:8}  {accuracies[key]:8.1%}"
            )
    out.mkdir(parents=True, exist_ok=True)
    print(f"\nPicture: {draw(train, depth, out / 'vanishing_gradients.png')}")
    return verdicts, accuracies


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--depth", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.depth, out=options.out)
