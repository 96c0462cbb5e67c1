"""A sweep over learning rate, batch size and depth.

24 networks are trained on the digits, one for each combination, side by side on all
processors.  Every finished run is a line in a file.  Stop the sweep with Ctrl-C and
start it again: it goes on where it was.  A learning rate that is too high can end in
numbers that are not finite; that is a result as well, and the sweep goes on.

The configuration is chosen by the validation images, so that its accuracy there is a
little too good to be true; a third part of the images, used once, gives an honest one.

Run it with ``python -m demos.sweep``.
"""

import argparse
from pathlib import Path

import numpy as np

import nn
import viz
from demos.digits import CLASSES, load_data

SPACE = {
    "lr": [0.003, 0.03, 0.1, 0.3],
    "batch_size": [16, 64],
    "depth": [1, 2, 4],
}


def make_model(depth, rng):
    """Return a network with some hidden layers of 64 units."""
    layers: list[nn.Module] = [nn.Flatten()]
    for _ in range(depth):
        layers += [nn.Linear(64, 64, rng=rng), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(64, CLASSES, rng=rng))


def load_parts(n_train):
    """Return images and labels for training, for choosing, and for the final test."""
    (X, Y), test = load_data(np.random.default_rng(0))  # the same images in all runs
    return (X[:n_train], Y[:n_train]), (X[-360:], Y[-360:]), test


def fit(config, seed):
    """Train one network; return its trainer."""
    training, validation, _ = load_parts(config["n_train"])
    rng = np.random.default_rng(seed)
    model = make_model(config["depth"], rng)
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        nn.optim.SGD(model.parameters(), lr=config["lr"], momentum=0.9),
        metrics=[nn.metrics.accuracy],
        rng=rng,
    )
    trainer.fit(
        training,
        validation,
        epochs=config["epochs"],
        batch_size=config["batch_size"],
        progress=False,
    )
    return trainer


def train(config, seed):
    """Train one network; return its numbers.  This is what the sweep calls."""
    with np.errstate(all="ignore"):  # a rate that is too high overflows
        trainer = fit(config, seed)
    last = trainer.history.row(-1)
    return {"val_accuracy": last["val_accuracy"], "val_loss": last["val_loss"]}


def main(epochs=8, n_train=1077, space=SPACE, out=Path("out"), executor=None):
    """Run the whole lesson; return the results and the accuracy of the best in a test.

    Without an executor there is a process for each processor.
    """
    out.mkdir(parents=True, exist_ok=True)
    results = nn.sweep(
        train,
        {**space, "epochs": epochs, "n_train": n_train},
        score="val_accuracy",
        mode="max",
        executor=executor,
        results=out / "sweep.jsonl",
    )
    print(results.table())

    best = results.best()
    *_, test = load_parts(n_train)
    accuracy = fit(best.config, seed=0).evaluate(test)["accuracy"]
    print(
        f"\nBest: learning rate {best.config['lr']}, batch size "
        f"{best.config['batch_size']}, depth {best.config['depth']}."
        f"\n  {best.metrics['val_accuracy']:.1%} on the images by which it was chosen"
        f"\n  {accuracy:.1%} on images that nothing was chosen by"
    )
    viz.sweep(results).savefig(out / "sweep.png")
    print(f"\nPicture: {out / 'sweep.png'}")
    print(f"The runs are in {out / 'sweep.jsonl'}; without it the sweep begins anew.")
    return results, accuracy


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
