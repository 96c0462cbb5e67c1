"""C1: LeNet with relu and max pooling. C2: one convolution alone. float32."""

import numpy as np

from .problem import Problem


def lenet(batch: int = 64) -> Problem:
    """Two convolutions 5 x 5, each with relu and max pooling 2 x 2, then 400-120-84-10.

    The first convolution pads by 2, the second does not; ``relu(h @ W.T + b)`` twice,
    logits by ``h @ W3.T + b3``, mean cross entropy. ``x`` is (batch, 1, 28, 28), ``y``
    (batch,); ``K1`` (6, 1, 5, 5), ``c1`` (6,), ``K2`` (16, 6, 5, 5), ``c2`` (16,),
    ``Wk`` (out, in), ``bk`` (out,) for k from 1.
    """
    rng = np.random.default_rng(0)

    def normal(*shape):
        scale = np.sqrt(2 / np.prod(shape[1:]))
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    data: dict[str, np.ndarray] = {
        "x": rng.standard_normal((batch, 1, 28, 28)).astype(np.float32),
        "y": rng.integers(0, 10, batch),
    }
    parameters = {
        "K1": normal(6, 1, 5, 5), "c1": np.zeros(6, np.float32),
        "K2": normal(16, 6, 5, 5), "c2": np.zeros(16, np.float32),
        "W1": normal(120, 400), "b1": np.zeros(120, np.float32),
        "W2": normal(84, 120), "b2": np.zeros(84, np.float32),
        "W3": normal(10, 84), "b3": np.zeros(10, np.float32),
    }  # fmt: skip
    return Problem("C1", f"LeNet on 1x28x28, batch {batch}, float32", data, parameters)


def convolution(batch: int = 32) -> Problem:
    """Convolve 32 channels of 16 x 16 to 64 channels, 3 x 3, padding 1.

    The loss is ``sum(conv2d(x, K, c) * cotangent)``, differentiated with respect to
    the input as well. ``x`` is (batch, 32, 16, 16), ``K`` (64, 32, 3, 3), ``c`` (64,),
    ``cotangent`` (batch, 64, 16, 16).
    """
    rng = np.random.default_rng(0)

    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    parameters = {
        "x": normal(batch, 32, 16, 16),
        "K": normal(64, 32, 3, 3),
        "c": normal(64),
    }
    data = {"cotangent": normal(batch, 64, 16, 16)}
    title = f"convolution 3x3, 32 to 64 channels on 16x16, batch {batch}, float32"
    return Problem("C2", title, data, parameters)
