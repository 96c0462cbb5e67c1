"""Handwritten digits with a convolutional network, which bears shifted images.

A convolution looks for the same strokes at every place with the same few weights.  In
training every image is shifted by up to one pixel, at random and anew in each epoch:
what a digit is does not depend on where it is, and this is how to tell the network.  At
the end the validation images are shifted as well; a perceptron that was trained without
shifts would get about half of them wrong.

Run it with ``python -m demos.digits_cnn``.
"""

import argparse
from pathlib import Path

import numpy as np

import nn
import viz
from demos.digits import CLASSES, load_data


class RandomShifts:
    """Put samples together to a batch, each image moved by -1, 0 or 1 pixels."""

    def __init__(self, rng):
        self.rng = rng

    def __call__(self, samples):
        """Return images and labels; what leaves on one side is lost."""
        images, labels = nn.data.collate(samples)
        offsets = self.rng.integers(-1, 2, (len(images), 2))
        moved = [shifted(x, *offset) for x, offset in zip(images, offsets, strict=True)]
        return np.stack(moved), labels


def shifted(image, down, right):
    """Return images (..., 8, 8) moved by at most one pixel; the edge comes in twice."""
    edges = [(0, 0)] * (image.ndim - 2) + [(1, 1), (1, 1)]
    padded = np.pad(image, edges, mode="edge")
    return padded[..., 1 - down : 9 - down, 1 - right : 9 - right]


def make_model(channels, rng):
    """Return two convolutions at 8 × 8 and one at 4 × 4, then a linear layer."""
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1, rng=rng),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, 2 * channels, 3, padding=1, rng=rng),
        nn.BatchNorm2d(2 * channels),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(2 * channels, 4 * channels, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(4 * channels, CLASSES, rng=rng),
    )


def main(epochs=12, channels=16, n_train=1437, out=Path("out")):
    """Run the whole lesson; return the validation accuracy, and that after shifts."""
    rng = np.random.default_rng(0)
    train, validation = load_data(rng, n_train)
    model = make_model(channels, rng)
    print(nn.summary(model, (1, 1, 8, 8)))

    optimizer = nn.optim.AdamW(model.parameters(), lr=5e-3)
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        metrics=[nn.metrics.accuracy],
        schedule=nn.optim.CosineAnnealingLR(optimizer, T_max=epochs),
    )
    batches = nn.DataLoader(
        nn.TensorDataset(*train),
        batch_size=64,
        shuffle=True,
        rng=rng,
        collate_fn=RandomShifts(rng),
    )
    history = trainer.fit(batches, validation, epochs=epochs)

    images, labels = validation
    accuracy = history["val_accuracy"][-1]
    sideways = [(shifted(images, 0, right), labels) for right in (-1, 1)]
    after_shift = np.mean([trainer.evaluate(moved)["accuracy"] for moved in sideways])
    print(f"\nAccuracy on {len(images)} unseen images: {accuracy:.1%}")
    print(f"The same images, shifted sideways by one pixel: {after_shift:.1%}")

    out.mkdir(parents=True, exist_ok=True)
    curves = viz.curves(history, title="Digits: a convolutional network")
    curves.savefig(out / "digits_cnn.png")
    print(f"\nPicture: {out / 'digits_cnn.png'}")
    return accuracy, after_shift


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
