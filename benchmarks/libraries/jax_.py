"""Every row in JAX: ``jax.jit(jax.value_and_grad(loss))``, as its users train.

A step waits for its results (JAX computes in the background). 64-bit floats are off in
JAX; they are switched on where the row's parameters have them.

S1 is written for one sample, with every number a scalar, and ``jax.vmap`` runs it on
all samples, as JAX's users do: written out for two samples alone, it was not compiled
after three minutes.

Of the ways that were tried on a CPU, the fastest stand here: recurrences by
``jax.lax.scan`` without unrolling, and max pooling as maxima of strided slices, which
has a faster gradient than ``jax.lax.reduce_window``.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from problems.moons import (
    PENALTY,
    every_scalar,
    network,
    scalar_gradients,
    scalar_layers,
)

VERSION = jax.__version__
to_numpy = np.asarray


def step_of(loss):
    """Return the builder of a compiled step for ``loss(parameters, data)``."""

    def build(problem):
        _allow_float64(problem)
        parameters = jax.device_put(problem.parameters)
        data = jax.device_put(problem.data)
        compiled = jax.jit(jax.value_and_grad(functools.partial(loss, **problem.sizes)))
        return lambda: jax.block_until_ready(compiled(parameters, data))

    return build


def _allow_float64(problem):
    if any(value.dtype == np.float64 for value in problem.parameters.values()):
        jax.config.update("jax_enable_x64", True)


def cross_entropy(logits, y):
    """Return the mean cross entropy of classes."""
    chosen = jax.nn.one_hot(y, logits.shape[-1], dtype=logits.dtype)
    return -jnp.mean(jnp.sum(chosen * jax.nn.log_softmax(logits), axis=-1))


def scalars(problem):
    """S1: see the top of this file."""
    _allow_float64(problem)
    layers = scalar_layers(problem, jnp.float64)
    X, y = jax.device_put((problem.data["X"], problem.data["y"]))

    def loss(layers):
        def one(x, y):
            return jax.nn.relu(1 + -y * network(layers, tuple(x), jax.nn.relu))

        penalty = PENALTY * sum(p * p for p in every_scalar(layers))
        return jnp.mean(jax.vmap(one)(X, y)) + penalty

    compiled = jax.jit(jax.value_and_grad(loss))

    def step():
        value, gradients = jax.block_until_ready(compiled(layers))
        return value, scalar_gradients(gradients, lambda g: g)

    return step


def perceptron(p, data):
    """M1 and M2."""
    depth = len(p) // 2
    h = data["x"]
    for k in range(depth):
        h = h @ p[f"W{k}"].T + p[f"b{k}"]
        h = jax.nn.relu(h) if k < depth - 1 else h
    return cross_entropy(h, data["y"])


def article(p, data):
    """M3."""
    X, Y = data["X"], data["Y"]
    A1 = 1 / (1 + jnp.exp(-(p["W1"] @ X + p["b1"])))
    A2 = 1 / (1 + jnp.exp(-(p["W2"] @ A1 + p["b2"])))
    return -jnp.sum(Y * jnp.log(A2) + (1 - Y) * jnp.log(1 - A2)) / Y.shape[1]


def conv2d(x, K, c, padding):
    """Return the cross-correlation of (batch, channels, height, width)."""
    around = [(padding, padding)] * 2
    return jax.lax.conv(x, K, (1, 1), around) + c[:, None, None]


def max_pool(x):
    """Return the largest of each 2 x 2."""
    upper = jnp.maximum(x[..., ::2, ::2], x[..., ::2, 1::2])
    lower = jnp.maximum(x[..., 1::2, ::2], x[..., 1::2, 1::2])
    return jnp.maximum(upper, lower)


def lenet(p, data):
    """C1."""
    h = max_pool(jax.nn.relu(conv2d(data["x"], p["K1"], p["c1"], 2)))
    h = max_pool(jax.nn.relu(conv2d(h, p["K2"], p["c2"], 0)))
    h = h.reshape(len(h), -1)
    h = jax.nn.relu(h @ p["W1"].T + p["b1"])
    h = jax.nn.relu(h @ p["W2"].T + p["b2"])
    return cross_entropy(h @ p["W3"].T + p["b3"], data["y"])


def convolution(p, data):
    """C2."""
    return jnp.sum(conv2d(p["x"], p["K"], p["c"], 1) * data["cotangent"])


def _recurrence(p, data, cell, start):
    """Run a cell over all steps, and return the loss of the next characters."""
    given = p["table"][data["x"]] + p["bh"]
    _, states = jax.lax.scan(cell, start, given)
    logits = states.reshape(-1, states.shape[-1]) @ p["Wo"].T + p["bo"]
    return cross_entropy(logits, data["y"])


def _zeros(p, data):
    return jnp.zeros((data["x"].shape[1], p["Wh"].shape[1]), p["Wh"].dtype)


def rnn(p, data):
    """R1."""

    def cell(h, given):
        h = jnp.tanh(h @ p["Wh"].T + given)
        return h, h

    return _recurrence(p, data, cell, _zeros(p, data))


def lstm(p, data):
    """R2."""

    def cell(state, given):
        h, c = state
        i, f, g, o = jnp.split(h @ p["Wh"].T + given, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = _zeros(p, data)
    return _recurrence(p, data, cell, (zeros, zeros))


def layer_norm(x, gain, shift):
    """Normalize the last axis."""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = jnp.mean(centred**2, axis=-1, keepdims=True)
    return centred * jax.lax.rsqrt(variance + 1e-5) * gain + shift


def transformer(p, data, heads):
    """T1."""
    x = data["x"]
    batch, length, n = x.shape
    h = layer_norm(x, p["g1"], p["c1"]) @ p["Wqkv"].T + p["bqkv"]
    h = h.reshape(batch, length, 3, heads, n // heads)
    a = jax.nn.dot_product_attention(h[:, :, 0], h[:, :, 1], h[:, :, 2], is_causal=True)
    a = x + a.reshape(x.shape) @ p["Wo"].T + p["bo"]
    h = layer_norm(a, p["g2"], p["c2"])
    h = jax.nn.gelu(h @ p["W1"].T + p["b1"], approximate=True)
    out = a + h @ p["W2"].T + p["b2"]
    return jnp.mean((out - data["target"]) ** 2)


def products(p, data, links):
    """E1."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = x * b + a - 0.5 * x
    return x.mean()


def tanhs(p, data, links):
    """E1t."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = jnp.tanh(x * b) + a
    return x.mean()


STEPS = {
    "S1": scalars,
    "M1": step_of(perceptron),
    "M2": step_of(perceptron),
    "M3": step_of(article),
    "C1": step_of(lenet),
    "C2": step_of(convolution),
    "R1": step_of(rnn),
    "R2": step_of(lstm),
    "T1": step_of(transformer),
    "E1": step_of(products),
    "E1t": step_of(tanhs),
}
