"""R1 and R2: character models, a vanilla RNN and an LSTM, float32."""

import numpy as np

from .problem import Problem

CHARACTERS = 64


def rnn(steps: int = 64, batch: int = 32, hidden: int = 128) -> Problem:
    """Loop ``h = tanh(h @ Wh.T + table[x[t]] + bh)`` from zeros."""
    return _recurrence("R1", "vanilla RNN", 1, steps, batch, hidden)


def lstm(steps: int = 64, batch: int = 32, hidden: int = 128) -> Problem:
    """Loop an LSTM cell from zeros, its gates in PyTorch's order: i, f, g, o.

    ``z = h @ Wh.T + table[x[t]] + bh`` is cut into four; i, f and o go through the
    sigmoid, g through tanh; ``c = f * c + i * g``, ``h = o * tanh(c)``.
    """
    return _recurrence("R2", "LSTM", 4, steps, batch, hidden)


def _recurrence(
    row: str, name: str, gates: int, steps: int, batch: int, hidden: int
) -> Problem:
    """Draw a text and the weights; the loss is that of all next characters.

    Mean cross entropy of the logits ``h @ Wo.T + bo`` of all steps. ``x`` is (steps,
    batch) of characters, ``y`` (steps * batch,) the next ones, step by step; ``table``
    (64, gates * hidden) the input weights of one-hot characters, ``Wh`` (gates *
    hidden, hidden), ``bh`` (gates * hidden,), ``Wo`` (64, hidden), ``bo`` (64,).
    """
    rng = np.random.default_rng(0)

    def normal(*shape):
        return (rng.standard_normal(shape) / np.sqrt(hidden)).astype(np.float32)

    text = rng.integers(0, CHARACTERS, (steps + 1, batch))
    parameters = {
        "table": normal(CHARACTERS, gates * hidden),
        "Wh": normal(gates * hidden, hidden),
        "bh": np.zeros(gates * hidden, np.float32),
        "Wo": normal(CHARACTERS, hidden),
        "bo": np.zeros(CHARACTERS, np.float32),
    }
    data = {"x": text[:-1], "y": text[1:].reshape(-1)}
    title = f"{name}, {steps} steps, batch {batch}, {hidden} units, float32"
    return Problem(row, title, data, parameters)
