"""R1 and R2: character models, a vanilla RNN and an LSTM, float32.

64 steps, batch 32, 64 characters, 128 hidden units; the loss is the mean cross entropy
of all next characters.
"""

import numpy as np

from benchmarks.workloads.by_hand import (
    Step,
    column_sum,
    sigmoid_in_place,
    softmax_loss,
    tensors,
)

STEPS, BATCH, HIDDEN, CHARACTERS = 64, 32, 128, 64


def _problem(rng, gates):
    def normal(*shape):
        return (rng.standard_normal(shape) / np.sqrt(HIDDEN)).astype(np.float32)

    text = rng.integers(0, CHARACTERS, (STEPS + 1, BATCH))
    values = {
        "table": normal(CHARACTERS, gates * HIDDEN),  # the weights of one-hot inputs
        "Wh": normal(gates * HIDDEN, HIDDEN),
        "bh": np.zeros(gates * HIDDEN, np.float32),
        "Wo": normal(CHARACTERS, HIDDEN),
        "bo": np.zeros(CHARACTERS, np.float32),
    }
    return text[:-1], text[1:].reshape(-1), values


def _output_by_hand(values, states, y):
    """Return the loss, the cotangents of all states, and the gradients so far."""
    flat = states[1:].reshape(-1, HIDDEN)
    z = flat @ values["Wo"].T
    z += values["bo"]
    loss, d = softmax_loss(z, y)
    return (
        loss,
        (d @ values["Wo"]).reshape(STEPS, BATCH, HIDDEN),
        {"Wo": d.T @ flat, "bo": column_sum(d)},
    )


def _recurrent_gradients(taken, d, states, x):
    """Add the gradients of the recurrent weights: one product for all steps."""
    rows = d.reshape(STEPS * BATCH, -1)
    chosen = np.zeros((CHARACTERS, STEPS * BATCH), np.float32)
    chosen[x.reshape(-1), np.arange(STEPS * BATCH)] = 1
    taken["table"] = chosen @ rows
    taken["Wh"] = rows.T @ states[:-1].reshape(-1, HIDDEN)
    taken["bh"] = column_sum(rows)
    return taken


def r1(rng, keep):
    """Vanilla RNN: h = tanh(Wh h + table[x] + bh)."""
    from autograd import cross_entropy, embedding, linear, rnn_step, stack

    x, y, values = _problem(rng, 1)
    p = tensors(values)

    def forward():
        given = embedding(x, p["table"]) + p["bh"]
        h, states = np.zeros((BATCH, HIDDEN), np.float32), []
        for t in range(STEPS):
            h = rnn_step(given[t], h, p["Wh"])
            states.append(h)
        logits = linear(stack(states), p["Wo"], p["bo"])
        return cross_entropy(logits.reshape(-1, CHARACTERS), y)

    def by_hand():
        states = np.zeros((STEPS + 1, BATCH, HIDDEN), np.float32)
        for t in range(STEPS):
            z = states[t] @ values["Wh"].T
            z += values["table"][x[t]]
            z += values["bh"]
            np.tanh(z, out=states[t + 1])
        loss, d, taken = _output_by_hand(values, states, y)
        for t in reversed(range(STEPS)):
            if t < STEPS - 1:
                d[t] += d[t + 1] @ values["Wh"]
            h = states[t + 1]
            d[t] *= 1 - h * h
        return loss, _recurrent_gradients(taken, d, states, x)

    return Step(forward, p, keep), by_hand


def r2(rng, keep):
    """LSTM, its gates in PyTorch's order: i, f, g, o."""
    from autograd import cross_entropy, embedding, linear, lstm_step, stack

    x, y, values = _problem(rng, 4)
    p = tensors(values)

    def forward():
        given = embedding(x, p["table"]) + p["bh"]
        state, states = np.zeros((2, BATCH, HIDDEN), np.float32), []
        for t in range(STEPS):
            state = lstm_step(given[t], state, p["Wh"])
            states.append(state)
        logits = linear(stack(states)[:, 0], p["Wo"], p["bo"])
        return cross_entropy(logits.reshape(-1, CHARACTERS), y)

    return Step(forward, p, keep), lambda: _lstm_by_hand(x, y, values)


def _lstm_by_hand(x, y, values):
    n = HIDDEN
    states = np.zeros((STEPS + 1, BATCH, n), np.float32)
    cells = np.zeros((STEPS + 1, BATCH, n), np.float32)
    active = np.empty((STEPS, BATCH, 4 * n), np.float32)
    squashed = np.empty((STEPS, BATCH, n), np.float32)
    for t in range(STEPS):
        z = active[t]
        np.matmul(states[t], values["Wh"].T, out=z)
        z += values["table"][x[t]]
        z += values["bh"]
        candidate = np.tanh(z[:, 2 * n : 3 * n])
        sigmoid_in_place(z)  # in one piece, which takes half the time of parts
        z[:, 2 * n : 3 * n] = candidate
        np.multiply(z[:, n : 2 * n], cells[t], out=cells[t + 1])
        cells[t + 1] += z[:, :n] * candidate
        np.tanh(cells[t + 1], out=squashed[t])
        np.multiply(z[:, 3 * n :], squashed[t], out=states[t + 1])
    loss, dh, taken = _output_by_hand(values, states, y)
    d = np.empty_like(active)
    dc = np.zeros((BATCH, n), np.float32)
    for t in reversed(range(STEPS)):
        if t < STEPS - 1:
            dh[t] += d[t + 1] @ values["Wh"]
        i, f, g, o = (active[t, :, k * n : (k + 1) * n] for k in range(4))
        slope = squashed[t] * squashed[t]
        np.subtract(1, slope, out=slope)
        slope *= o
        slope *= dh[t]
        dc += slope
        np.subtract(1, active[t], out=d[t])
        d[t] *= active[t]
        di, df, dg, do = (d[t, :, k * n : (k + 1) * n] for k in range(4))
        di *= dc * g
        df *= dc * cells[t]
        np.multiply(g, g, out=dg)
        np.subtract(1, dg, out=dg)
        dg *= dc * i
        do *= dh[t] * squashed[t]
        dc *= f
    return loss, _recurrent_gradients(taken, d, states, x)
