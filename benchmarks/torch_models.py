"""``python -m benchmarks.torch_models``: models of layers, against the same in PyTorch.

Each model takes training steps in turn with chalkgrad and with PyTorch in eager mode,
from the same weights, in one process of its own with one thread; the ratio of each pair
of measurements is one number.  Times are of the processor, which other programs disturb
less.  Losses and gradients are checked to be equal before anything is said about time.
"""

import argparse
import json
import statistics
import time

import numpy as np

import nn
from benchmarks.figures import ratios, spread
from benchmarks.interleaved import run_worker


def linear_stack(layers, **options):
    """784-512-512-10 with relu, batch 256."""
    return layers.Sequential(
        layers.Linear(784, 512, **options), layers.ReLU(),
        layers.Linear(512, 512, **options), layers.ReLU(),
        layers.Linear(512, 10, **options),
    )  # fmt: skip


def lenet(layers, **options):
    """Two convolutions 5 x 5 with relu and pooling, then 400-120-84-10, batch 64."""
    return layers.Sequential(
        layers.Conv2d(1, 6, 5, padding=2, **options), layers.ReLU(),
        layers.MaxPool2d(2),
        layers.Conv2d(6, 16, 5, **options), layers.ReLU(),
        layers.MaxPool2d(2),
        layers.Flatten(),
        layers.Linear(400, 120, **options), layers.ReLU(),
        layers.Linear(120, 84, **options), layers.ReLU(),
        layers.Linear(84, 10, **options),
    )  # fmt: skip


def transformer(layers, activation, **options):
    """One block, 64 features, 4 heads, 64 positions, batch 16, norm first."""
    return layers.TransformerEncoderLayer(
        64, 4, 256, 0.0, activation, batch_first=True, norm_first=True, **options
    )


# name -> the model made of nn's or PyTorch's layers, the shape of its input, the target
MODELS = {
    "linear": (linear_stack, (256, 784), 1.0),
    "lenet": (lenet, (64, 1, 28, 28), 1.3),
    "rnn": (lambda layers, **o: layers.RNN(64, 128, **o), (64, 32, 64), 1.0),
    "lstm": (lambda layers, **o: layers.LSTM(64, 128, **o), (64, 32, 64), 1.0),
    "gru": (lambda layers, **o: layers.GRU(64, 128, **o), (64, 32, 64), None),
    "block": (lambda layers, **o: transformer(layers, "relu", **o), (16, 64, 64), 1.0),
    "gelu": (lambda layers, **o: transformer(layers, "gelu", **o), (16, 64, 64), None),
}


def training_step(model, x, **how):
    """Return a function that takes a step with the mean square as the loss."""

    def step():
        for parameter in model.parameters():
            parameter.grad = None
        out = model(x)
        out = out[0] if isinstance(out, tuple) else out
        loss = (out * out).mean()
        loss.backward(**how)
        return loss

    return step


def steps(name):
    """Return a training step of both, after checking that they do the same."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    build, shape, _ = MODELS[name]
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    theirs = build(torch.nn)
    ours = build(nn, rng=np.random.default_rng(0))
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    step = training_step(ours, x, keep="leaves")
    torch_step = training_step(theirs, torch.from_numpy(x))
    np.testing.assert_allclose(step().item(), torch_step().item(), rtol=1e-5)
    expected = {k: p.grad.numpy() for k, p in theirs.named_parameters()}
    for path, parameter in ours.named_parameters():
        scale = np.max(np.abs(expected[path]))
        np.testing.assert_allclose(
            parameter.grad, expected[path], rtol=1e-3, atol=1e-4 * scale, err_msg=path
        )
    return step, torch_step


def seconds_of(step, repeats):
    """Return the processor time of one step, as the mean of a few."""
    start = time.process_time()
    for _ in range(repeats):
        step()
    return (time.process_time() - start) / repeats


def measure(name, rounds):
    """Measure both in turn, changing who goes first; return the times."""
    step, torch_step = steps(name)
    repeats = max(1, round(0.03 / seconds_of(torch_step, 3)))
    times: dict[str, list[float]] = {"ours": [], "torch": []}
    pairs = [("ours", step), ("torch", torch_step)]
    for _ in range(rounds):
        for who, take in pairs:
            times[who].append(seconds_of(take, repeats))
        pairs.reverse()
    return times


def report(name, times):
    """Return one row of the table."""
    target = MODELS[name][2]
    return (
        f"{name:8} {1e3 * statistics.median(times['ours']):8.2f} "
        f"{1e3 * statistics.median(times['torch']):8.2f} "
        f"  {spread(ratios(times['ours'], times['torch']))}"
        f"{f'   target {target}' if target else ''}"
    )


def main():
    """Print a table, one row for each model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="models, by default all of them")
    parser.add_argument("--rounds", type=int, default=21, help="per model")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(options.names[0], options.rounds)))
        return
    print("one training step, ms     ours    torch   ratio (middle half)")
    for name in options.names or MODELS:
        rounds = ["--rounds", str(options.rounds)]
        times = run_worker("benchmarks.torch_models", name, "--worker", *rounds)
        print(report(name, times), flush=True)


if __name__ == "__main__":
    main()
