"""Overfitting, and what helps: L2 and dropout.

300 images are few for 85,000 parameters, and here a fifth of the labels is wrong, as in
data that were labelled in haste.  In its first epochs the network learns what digits
look like; after that it learns the wrong labels by heart, and the accuracy on unseen
images, whose labels are right, falls.  L2 keeps the weights small; dropout takes half
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
    "L2": (0.0, 0.01),
    "dropout": (0.5, 0.0),
    "L2 and dropout": (0.5, 0.01),
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


def mislabel(labels, share, rng):
    """Return labels of which a share has become another digit, at random."""
    is_wrong = rng.random(len(labels)) < share
    others = (labels + rng.integers(1, CLASSES, len(labels))) % CLASSES
    return np.where(is_wrong, others, labels)


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
    unseen = nn.DataLoader(nn.TensorDataset(*validation), batch_size=512)
    history = trainer.fit(train, unseen, epochs=epochs, progress=False)
    return history, trainer.evaluate(train)["accuracy"]


def main(epochs=60, hidden=256, n_train=300, out=Path("out")):
    """Run the whole lesson; return the history of each remedy."""
    rng = np.random.default_rng(0)
    (images, labels), validation = load_data(rng, n_train)
    train = images, mislabel(labels, 0.2, rng)
    print(
        f"{n_train} images to train on, {np.sum(train[1] != labels)} of them with a "
        f"wrong label; {len(validation[0])} to validate.\n"
    )
    out.mkdir(parents=True, exist_ok=True)
    print("                accuracy on    accuracy on unseen images")
    print("                these labels   best    after all epochs")
    histories = {}
    for remedy in REMEDIES:
        history, accuracy = train_with(remedy, train, validation, epochs, hidden)
        unseen = history["val_accuracy"]
        print(f"{remedy:14}  {accuracy:12.1%}  {max(unseen):5.1%}  {unseen[-1]:17.1%}")
        path = out / f"overfitting_{remedy.replace(' ', '_')}.png"
        viz.curves(history, title=f"Against overfitting: {remedy}").savefig(path)
        histories[remedy] = history
    print(f"\nPictures: {out / 'overfitting_*.png'}")
    return histories


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
