"""R1 and R2: a vanilla RNN and an LSTM, the gradients of weights in one product."""

import numpy as np

from .pieces import column_sum, softmax_loss


def rnn(problem):
    """``h = tanh(h @ Wh.T + table[x[t]] + bh)``."""
    x, y, v = problem.data["x"], problem.data["y"], problem.parameters
    (steps, batch), hidden = x.shape, v["Wh"].shape[1]

    def step():
        states = np.zeros((steps + 1, batch, hidden), np.float32)
        for t in range(steps):
            z = states[t] @ v["Wh"].T
            z += v["table"][x[t]]
            z += v["bh"]
            np.tanh(z, out=states[t + 1])
        loss, d, taken = _output(v, states, y)
        for t in reversed(range(steps)):
            if t < steps - 1:
                d[t] += d[t + 1] @ v["Wh"]
            h = states[t + 1]
            d[t] *= 1 - h * h
        return loss, taken | _recurrent_gradients(d, states, x, len(v["table"]))

    return step


def lstm(problem):
    """Gates in PyTorch's order: i, f, g, o."""
    x, y, v = problem.data["x"], problem.data["y"], problem.parameters

    def step():
        states, cells, active, squashed = _lstm_forward(x, v)
        loss, dh, taken = _output(v, states, y)
        d = _lstm_backward(dh, v, cells, active, squashed)
        return loss, taken | _recurrent_gradients(d, states, x, len(v["table"]))

    return step


def _lstm_forward(x, v):
    """Return the states, the cells, the gates, and the tanh of the cells."""
    (steps, batch), n = x.shape, v["Wh"].shape[1]
    states = np.zeros((steps + 1, batch, n), np.float32)
    cells = np.zeros((steps + 1, batch, n), np.float32)
    active = np.empty((steps, batch, 4 * n), np.float32)
    squashed = np.empty((steps, batch, n), np.float32)
    # sigmoid(x) = (1 + tanh(x / 2)) / 2: one tanh for all gates, faster than exp
    scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), n)
    shift = 1 - scale
    for t in range(steps):
        z = active[t]
        np.matmul(states[t], v["Wh"].T, out=z)
        z += v["table"][x[t]]
        z += v["bh"]
        z *= scale
        np.tanh(z, out=z)
        z *= scale
        z += shift
        np.multiply(z[:, n : 2 * n], cells[t], out=cells[t + 1])
        cells[t + 1] += z[:, :n] * z[:, 2 * n : 3 * n]
        np.tanh(cells[t + 1], out=squashed[t])
        np.multiply(z[:, 3 * n :], squashed[t], out=states[t + 1])
    return states, cells, active, squashed


def _lstm_backward(dh, v, cells, active, squashed):
    """Return the cotangents of the gates before their activations."""
    steps, batch, n = squashed.shape
    d = np.empty_like(active)
    dc = np.zeros((batch, n), np.float32)
    for t in reversed(range(steps)):
        if t < steps - 1:
            dh[t] += d[t + 1] @ v["Wh"]
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
    return d


def _output(v, states, y):
    """Return the loss, the cotangents of all states, and the output's gradients."""
    steps, batch, hidden = len(states) - 1, *states.shape[1:]
    flat = states[1:].reshape(-1, hidden)
    z = flat @ v["Wo"].T
    z += v["bo"]
    loss, d = softmax_loss(z, y)
    dh = (d @ v["Wo"]).reshape(steps, batch, hidden)
    return loss, dh, {"Wo": d.T @ flat, "bo": column_sum(d)}


def _recurrent_gradients(d, states, x, characters):
    """Take one product for all steps, for the table with one-hot characters."""
    rows = d.reshape(x.size, -1)
    chosen = np.zeros((characters, x.size), np.float32)
    chosen[x.reshape(-1), np.arange(x.size)] = 1
    return {
        "table": chosen @ rows,
        "Wh": rows.T @ states[:-1].reshape(x.size, -1),
        "bh": column_sum(rows),
    }
