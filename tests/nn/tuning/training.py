"""Training functions that worker processes can import, and executors for tests."""

import itertools
import math
import os
import signal
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np

import nn

# 3 x 2 x 4 = 24 configurations.
SPACE_OF_24 = {
    "lr": [0.01, 0.1, 1e9],
    "hidden": [(4,), (4, 3)],
    "batch": [4, 8, 16, 3],
}


def train_network(config, seed):
    """Train a small network; too high a rate diverges, a batch of 3 is refused."""
    if config["batch"] == 3:
        raise ValueError("a batch of 3 is refused")
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(32, 2))
    targets = np.tanh(inputs[:, :1] - inputs[:, 1:])
    sizes = [2, *config["hidden"], 1]
    model = nn.Sequential(
        *(nn.Linear(m, n, rng=rng) for m, n in itertools.pairwise(sizes))
    )
    loss, optimizer = nn.MSELoss(), nn.optim.SGD(model.parameters(), lr=config["lr"])
    with np.errstate(all="ignore"):
        for start in range(0, 32, config["batch"]):
            rows = slice(start, start + config["batch"])
            optimizer.zero_grad()
            loss(model(inputs[rows]), targets[rows]).backward(keep="leaves")
            optimizer.step()
        return {"loss": loss(model(inputs), targets).item(), "sizes": len(sizes)}


def parabola(config, seed):
    return {"loss": (config["x"] - 2.0) ** 2 + 0.01 * seed, "seed": seed}


def last_first(config, seed):
    """Take the longer the earlier the configuration is."""
    time.sleep(0.04 * (3 - config["x"]))
    return {"loss": float(config["x"])}


def by_budget(config, seed, budget):
    """Tell configurations apart the better the larger the budget."""
    return {"loss": config["x"] + seed * (-1) ** config["x"] / budget}


def logged(config, seed):
    """Write down every run, and take a while."""
    with Path(config["log"]).open("a") as file:
        file.write(f"{config['x']}\n")
    time.sleep(0.3)
    return {"loss": float(config["x"])}


def endless_from_two(config, seed):
    if config["x"] >= 2:
        time.sleep(600)
    return {"loss": float(config["x"])}


def killed_at_one(config, seed):
    if config["x"] == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    return {"loss": float(config["x"]), "threads": int(os.environ["OMP_NUM_THREADS"])}


def troubled(config, seed):
    """Fail or diverge in every way there is."""
    ways = {
        "fine": lambda: {"loss": 1.0},
        "nan": lambda: {"loss": np.float32("nan")},
        "infinite": lambda: {"loss": -math.inf},
        "trap": lambda: np.divide(np.ones(1), 0.0),
        "raises": lambda: {"loss": {}["no such key"]},
        "exits": lambda: exit_with(3),
        "list": lambda: [1.0],
        "no score": lambda: {"accuracy": 1.0},
        "text": lambda: {"loss": 1.0, "name": "net"},
        "arrays": lambda: {"loss": np.array([0.5]), "right": np.int64(3), "b": True},
    }
    with np.errstate(all="raise"):
        return ways[config["way"]]()


def exit_with(code):
    raise SystemExit(code)


class InThisProcess(Executor):
    """Run each call at once, in the order in which they come."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
