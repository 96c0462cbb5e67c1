"""``python -m benchmarks.training``: the Trainer, the bare loop, and PyTorch.

Each workload runs in a process of its own with one thread.  An epoch of the Trainer,
one of the same loop written out, and one in PyTorch eager (where it is installed) take
turns; the ratio of neighbours is one measurement.  Times are of the processor, which
other programs disturb less.  Weights after an epoch are compared before anything is
said about time: those of both loops are equal, those of PyTorch close.
"""

import argparse
import json
import statistics
import time
from importlib.util import find_spec

import numpy as np

import nn
from autograd import cross_entropy
from benchmarks.figures import ratios, spread
from benchmarks.interleaved import run_worker

BARE_TARGET, TORCH_TARGET = 1.05, 1.0
LEARNING_RATE = 0.001


class Perceptron(nn.Module):
    """784-128-10 with relu."""

    def __init__(self, rng):
        self.hidden = nn.Linear(784, 128, rng=rng)
        self.relu = nn.ReLU()
        self.out = nn.Linear(128, 10, rng=rng)

    def forward(self, x):
        """Return the logits."""
        return self.out(self.relu(self.hidden(x)))


class Characters(nn.Module):
    """A recurrent layer of 128 units over 64 one-hot characters, and the next one."""

    def __init__(self, kind, rng):
        layers = {"rnn": nn.RNN, "lstm": nn.LSTM}
        self.layer = layers[kind](64, 128, batch_first=True, rng=rng)
        self.out = nn.Linear(128, 64, rng=rng)

    def forward(self, x):
        """Return the logits of all steps, one below the other."""
        states, _ = self.layer(x)
        return self.out(states.reshape(-1, 128))


def torch_model(name):
    """Return the same model in PyTorch; the names of the parameters are the same."""
    import torch

    class TorchPerceptron(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = torch.nn.Linear(784, 128)
            self.out = torch.nn.Linear(128, 10)

        def forward(self, x):
            return self.out(torch.relu(self.hidden(x)))

    class TorchCharacters(torch.nn.Module):
        def __init__(self):
            super().__init__()
            layers = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM}
            self.layer = layers[name](64, 128, batch_first=True)
            self.out = torch.nn.Linear(128, 64)

        def forward(self, x):
            states, _ = self.layer(x)
            return self.out(states.reshape(-1, 128))

    return TorchPerceptron() if name == "mlp" else TorchCharacters()


def problem(name):
    """Return inputs, targets, the batch size, and a function that makes the model."""
    rng = np.random.default_rng(0)
    if name == "mlp":
        x = rng.standard_normal((2560, 784)).astype(np.float32)
        return x, rng.integers(0, 10, len(x)), 64, Perceptron
    text = rng.integers(0, 64, (320, 65))
    x = np.eye(64, dtype=np.float32)[text[:, :-1]]
    return x, text[:, 1:], 32, lambda rng: Characters(name, rng)


def loss_of(logits, y):
    return cross_entropy(logits, y.reshape(-1))


def make_trainer(x, y, batch_size, model):
    """Return a function that trains for one epoch with the Trainer."""
    optimizer = nn.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    trainer = nn.Trainer(model, loss_of, optimizer)
    loader = make_loader(x, y, batch_size)

    def epoch():
        trainer.fit(loader, epochs=trainer.epoch + 1, progress=False)

    return epoch


def make_bare(x, y, batch_size, model):
    """Return a function that trains for one epoch with a loop written out."""
    optimizer = nn.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    loader = make_loader(x, y, batch_size)

    def epoch():
        total = 0.0
        for a, b in loader:
            optimizer.zero_grad()
            loss = loss_of(model(a), b)
            loss.backward(keep="leaves")
            optimizer.step()
            total += loss.item() * len(a)
        return total / len(x)

    return epoch


def make_torch(x, y, batch_size, model):
    """Return a function that trains for one epoch in PyTorch."""
    import torch

    torch.set_num_threads(1)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    rng = np.random.default_rng(1)

    def epoch():
        total = 0.0
        order = torch.from_numpy(rng.permutation(len(x)))
        for rows in order.split(batch_size):
            optimizer.zero_grad()
            logits = model(x[rows])
            loss = torch.nn.functional.cross_entropy(logits, y[rows].reshape(-1))
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        return total / len(x)

    return epoch


def make_loader(x, y, batch_size):
    """Return a loader whose order is that of every other contestant."""
    rng = np.random.default_rng(1)
    return nn.DataLoader(nn.TensorDataset(x, y), batch_size, shuffle=True, rng=rng)


def contestants(name):
    """Return functions that train for an epoch, and the parameters that they change."""
    x, y, batch_size, model = problem(name)
    epochs, parameters = {}, {}
    for contestant, make in (("Trainer", make_trainer), ("bare loop", make_bare)):
        ours = model(np.random.default_rng(2))
        epochs[contestant] = make(x, y, batch_size, ours)
        parameters[contestant] = dict(ours.named_parameters())
    if find_spec("torch"):
        import torch

        theirs = torch_model(name)
        state = model(np.random.default_rng(2)).state_dict()
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()})
        epochs["torch"] = make_torch(x, y, batch_size, theirs)
        parameters["torch"] = dict(theirs.named_parameters())
    return epochs, parameters


def check_same_mathematics(epochs, parameters):
    """Train for an epoch each, and raise unless the weights are the same."""
    for epoch in epochs.values():
        epoch()
    expected = parameters["bare loop"]
    for name, parameter in parameters["Trainer"].items():
        assert np.array_equal(parameter.data, expected[name].data), name
    for name, parameter in parameters.get("torch", {}).items():
        np.testing.assert_allclose(
            parameter.detach().numpy(), expected[name].data, atol=2e-3, err_msg=name
        )


def measure(name, budget):
    """Let all take turns for some seconds; return the times of their epochs."""
    epochs, parameters = contestants(name)
    check_same_mathematics(epochs, parameters)
    times = {contestant: [] for contestant in epochs}
    rng = np.random.default_rng(3)
    order = list(epochs)
    end = time.process_time() + budget
    while time.process_time() < end or len(times["Trainer"]) < 5:
        for position in rng.permutation(len(order)):
            start = time.process_time()
            epochs[order[position]]()
            times[order[position]].append(time.process_time() - start)
    return times


def ratio(times, contestant, target):
    """Return the ratio of the Trainer to a contestant, with its middle half."""
    if contestant not in times:
        return f"{contestant} is not installed"
    found = spread(ratios(times["Trainer"], times[contestant]))
    return f"{contestant}: {found}, target {target}"


def main():
    """Print one row for each workload."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="mlp, rnn, lstm; by default all")
    parser.add_argument("--seconds", type=float, default=12.0, help="per workload")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(options.names[0], options.seconds)))
        return
    print("an epoch of the Trainer, float32, Adam; its time over that of the")
    for name in options.names or ("mlp", "rnn", "lstm"):
        settings = ["--worker", "--seconds", str(options.seconds)]
        times = run_worker("benchmarks.training", name, *settings)
        milliseconds = 1e3 * statistics.median(times["Trainer"])
        bare = ratio(times, "bare loop", BARE_TARGET)
        torch = ratio(times, "torch", TORCH_TARGET)
        print(f"{name:5}{milliseconds:8.1f} ms   {bare}   {torch}", flush=True)


if __name__ == "__main__":
    main()
