"""The training pictures of the gallery: small runs on two half moons."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np

import nn
import viz


def moons():
    """Return training and validation samples."""
    rng = np.random.default_rng(0)
    samples, labels = nn.moons(300, noise=0.2, rng=rng)
    return (samples[:200], labels[:200]), (samples[200:], labels[200:])


def train(lr=0.03, width=16, epochs=40, callbacks=()):
    """Train a small network quietly; return it with its history."""
    rng = np.random.default_rng(1)
    model = nn.Sequential(
        nn.Linear(2, width, rng=rng),
        nn.Tanh(),
        nn.Linear(width, width, rng=rng),
        nn.ReLU(),
        nn.Linear(width, 2, rng=rng),
    )
    training, validation = moons()
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        nn.optim.SGD(model.named_parameters(), lr=lr, momentum=0.9),
        metrics={"accuracy": nn.metrics.accuracy},
        callbacks=list(callbacks),
    )
    loader = nn.DataLoader(
        nn.TensorDataset(*training), batch_size=20, shuffle=True, rng=rng
    )
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        history = trainer.fit(loader, validation=validation, epochs=epochs)
    return model, history


def draw_curves(path: Path) -> None:
    """Draw the learning curves of one run."""
    viz.curves(train()[1]).savefig(path)


def draw_monitor(path: Path) -> None:
    """Draw everything that was watched in one run."""
    watched = viz.Monitor()
    model, _ = train(callbacks=[watched])
    viz.monitor(watched.record, model=model, data=moons()[0]).savefig(path)


def draw_boundary(path: Path) -> None:
    """Draw the decision boundary on unseen samples."""
    viz.boundary(train()[0], *moons()[1]).savefig(path)


def draw_confusion(path: Path) -> None:
    """Draw the confusion matrix on unseen samples."""
    model, _ = train()
    samples, labels = moons()[1]
    predictions = np.argmax(model(samples).data, axis=1)
    viz.confusion(predictions, labels).savefig(path)


def draw_weights(path: Path) -> None:
    """Draw the weights of the trained network."""
    viz.weights(train()[0]).savefig(path)


def draw_activation(path: Path) -> None:
    """Draw activation functions with their derivatives."""
    from autograd import relu, sigmoid

    viz.activation(sigmoid, np.tanh, relu).savefig(path)


def draw_inits(path: Path) -> None:
    """Draw how far the gradient reaches, by initialisation and activation."""

    def make(activation):
        def model(init):
            rng = np.random.default_rng(0)
            layers = []
            for _ in range(8):
                layers += [nn.Linear(32, 32, rng=rng), activation()]
            net = nn.Sequential(*layers, nn.Linear(32, 2, rng=rng))
            for parameter in net.parameters():
                if parameter.ndim == 2:
                    init(parameter, rng)
                else:
                    nn.init.zeros(parameter)
            return net

        return model

    rng = np.random.default_rng(2)
    viz.init_study(
        {"sigmoid": make(nn.Sigmoid), "tanh": make(nn.Tanh), "relu": make(nn.ReLU)},
        rng.standard_normal((64, 32)),
        rng.integers(0, 2, 64),
        {
            "0.01 randn": lambda w, rng: nn.init.normal(w, std=0.01, rng=rng),
            "xavier": lambda w, rng: nn.init.xavier_normal(w, rng=rng),
            "kaiming": lambda w, rng: nn.init.kaiming_normal(w, rng=rng),
        },
        loss=nn.CrossEntropyLoss(),
    ).savefig(path)


def outcome(config, seed):
    """Return the validation loss of a configuration."""
    _, history = train(config["lr"], config["width"], epochs=10)
    return {"loss": history["val_loss"][-1]}


def draw_sweep(path: Path) -> None:
    """Draw a sweep over two hyper-parameters."""
    with ThreadPoolExecutor(1) as executor:
        results = nn.sweep(
            outcome,
            {"lr": [0.003, 0.03, 0.3, 30.0], "width": [4, 16, 64]},
            executor=executor,
            results=None,
        )
    viz.sweep(results).savefig(path)
