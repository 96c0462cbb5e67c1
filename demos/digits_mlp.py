"""Handwritten digits with a multi-layer perceptron, to 98 % and beyond.

What it takes besides the network: a random split, pixels that are standardised with the
training images alone, dropout and smoothed labels against overfitting, a learning rate
that falls to 0, and a number that nothing was chosen by: the accuracy on the validation
images after the last epoch, not after the best one.

Run it with ``python -m demos.digits_mlp``.
"""

import argparse
from pathlib import Path

import numpy as np

import nn
import viz
from demos.digits import CLASSES, load_data


def make_model(hidden, rng):
    """Return a network of two hidden layers, for images of shape (N, 1, 8, 8)."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, hidden, rng=rng),
        nn.ReLU(),
        nn.Dropout(0.3, rng=rng),
        nn.Linear(hidden, hidden, rng=rng),
        nn.ReLU(),
        nn.Dropout(0.3, rng=rng),
        nn.Linear(hidden, CLASSES, rng=rng),
    )


def print_mistakes(labels, predicted):
    """Print which digits were taken for which, most frequent first."""
    confusion = nn.metrics.confusion_matrix(predicted, labels)
    np.fill_diagonal(confusion, 0)
    print(f"\n{confusion.sum()} of {len(labels)} images are taken for another digit:")
    for place in np.argsort(-confusion, axis=None, kind="stable"):
        true, taken_for = divmod(int(place), CLASSES)
        if confusion[true, taken_for]:
            print(f"  {true} for {taken_for}: {confusion[true, taken_for]}")


def main(epochs=25, hidden=256, n_train=1437, out=Path("out")):
    """Run the whole lesson; return the validation accuracy."""
    rng = np.random.default_rng(0)
    train, validation = load_data(rng, n_train)
    model = make_model(hidden, rng)
    print(nn.summary(model, (1, 1, 8, 8)))

    optimizer = nn.optim.AdamW(model.parameters(), lr=2e-3)
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(label_smoothing=0.1),
        optimizer,
        metrics=[nn.metrics.accuracy],
        schedule=nn.optim.CosineAnnealingLR(optimizer, T_max=epochs),
        rng=rng,
    )
    history = trainer.fit(train, validation, epochs=epochs)

    accuracy = history["val_accuracy"][-1]
    print(f"\nAccuracy on {len(validation[0])} unseen images: {accuracy:.1%}")
    predicted = trainer.predict(validation[0])
    print_mistakes(validation[1], predicted)

    out.mkdir(parents=True, exist_ok=True)
    curves = viz.curves(history, title="Digits: a multi-layer perceptron")
    curves.savefig(out / "digits_mlp.png")
    viz.confusion(predicted, validation[1]).savefig(out / "digits_mlp_confusion.png")
    print(f"\nPictures: {out / 'digits_mlp.png'}, {out / 'digits_mlp_confusion.png'}")
    return accuracy


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
