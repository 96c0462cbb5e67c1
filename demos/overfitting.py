"""Overfitting, and what helps: L2 and dropout.

A network with 85,000 parameters learns 100 images by heart; of the other 1,697 it knows
less.  While its loss on the training images still falls, that on unseen ones turns and
rises: it becomes sure of its mistakes.  L2 keeps the weights small; dropout takes half
of the units away at each step, so that none can rely on another.

Run it with ``python -m demos.overfitting``.
"""

import argparse
from pathlib import Path

import numpy as np

import nn
import viz
from demos.digits import CLASSES, load_data

REMEDIES = {  # (dropout, strength of L2)
    "nothing": (0.0, 0.0),
    "L2": (0.0, 0.003),
    "dropout": (0.5, 0.0),
    "L2 and dropout": (0.5, 0.003),
}


def make_model(hidden, dropout, rng):
    """Return a network with two wide hidden layers."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, hidden, rng=rng),
        nn.ReLU(),
        nn.Dropout(dropout, rng=rng),
        nn.Linear(hidden, hidden, rng=rng),
        nn.ReLU(),
        nn.Dropout(dropout, rng=rng),
        nn.Linear(hidden, CLASSES, rng=rng),
    )


def train_with(remedy, train, validation, epochs, hidden):
    """Train with one of REMEDIES; return the history and the training accuracy."""
    dropout, strength = REMEDIES[remedy]
    rng = np.random.default_rng(1)  # the same first weights for each of them
    model = make_model(hidden, dropout, rng)
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        nn.optim.Adam(model.parameters(), lr=1e-3),
        metrics=[nn.metrics.accuracy],
        regularizer=nn.L2(strength),
        rng=rng,
    )
    history = trainer.fit(train, validation, epochs=epochs, progress=False)
    return history, trainer.evaluate(train)["accuracy"]


def main(epochs=120, hidden=256, n_train=100, out=Path("out")):
    """Run the whole lesson; return the history of each remedy."""
    train, validation = load_data(np.random.default_rng(0), n_train)
    print(f"{n_train} images to train on, {len(validation[0])} to validate.\n")
    print("                accuracy              loss on unseen images")
    print("                training  unseen      lowest    after all epochs")
    out.mkdir(parents=True, exist_ok=True)
    histories = {}
    for remedy in REMEDIES:
        history, accuracy = train_with(remedy, train, validation, epochs, hidden)
        histories[remedy] = history
        lowest = f"{min(history['val_loss']):.3f} in epoch {history.best_epoch + 1}"
        print(
            f"{remedy:14}  {accuracy:8.1%}  {history['val_accuracy'][-1]:6.1%}"
            f"  {lowest:>21}  {history['val_loss'][-1]:.3f}"
        )
        path = out / f"overfitting_{remedy.replace(' ', '_')}.png"
        viz.curves(history, title=f"100 images, {remedy}").savefig(path)
    print(f"\nPictures: {out / 'overfitting_*.png'}")
    return histories


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
