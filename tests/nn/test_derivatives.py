"""First and second derivatives of layers, for inputs and parameters.

Against differences, over strides, paddings, dilations, groups, odd sizes, a batch
of one and axes of size one.
"""

from typing import Any

import numpy as np
import pytest

import nn
from autograd import gradcheck

F64: dict[str, Any] = {"dtype": np.float64}


def rng(seed=0):
    return np.random.default_rng(seed)


def drawing(cls, *args, **kwargs):
    return cls(*args, **kwargs, rng=rng(), **F64)


# A layer, and the shapes of its inputs.
LAYERS = {
    "conv1d": (drawing(nn.Conv1d, 2, 2, 3), [(1, 2, 5)]),
    "conv1d stride padding dilation": (
        drawing(nn.Conv1d, 1, 2, 2, 2, 1, 2),
        [(2, 1, 6)],
    ),
    "conv1d groups": (drawing(nn.Conv1d, 4, 2, 2, groups=2), [(1, 4, 3)]),
    "conv1d length 1": (drawing(nn.Conv1d, 2, 1, 1), [(2, 2, 1)]),
    "conv2d": (drawing(nn.Conv2d, 2, 2, 2), [(1, 2, 3, 4)]),
    "conv2d uneven": (
        drawing(nn.Conv2d, 1, 2, (3, 2), (2, 1), (1, 0), (1, 2)),
        [(2, 1, 4, 5)],
    ),
    "conv2d groups": (drawing(nn.Conv2d, 2, 4, 2, groups=2), [(1, 2, 3, 2)]),
    "conv2d same": (drawing(nn.Conv2d, 1, 1, 2, padding="same"), [(1, 3, 4)]),
    "conv2d reflect": (
        drawing(nn.Conv2d, 1, 1, 3, padding=1, padding_mode="reflect"),
        [(1, 1, 3, 3)],
    ),
    "conv2d pixel": (drawing(nn.Conv2d, 3, 2, 1), [(1, 3, 1, 1)]),
    "conv_transpose1d": (drawing(nn.ConvTranspose1d, 2, 2, 3, 2, 1, 1), [(1, 2, 3)]),
    "conv_transpose2d": (
        drawing(nn.ConvTranspose2d, 2, 2, 2, groups=2),
        [(1, 2, 2, 3)],
    ),
    "conv_transpose2d uneven": (
        drawing(nn.ConvTranspose2d, 1, 1, (3, 2), (2, 1), (1, 0), dilation=(1, 2)),
        [(2, 1, 3, 2)],
    ),
    "max_pool1d": (nn.MaxPool1d(3, 2, 1), [(2, 2, 5)]),
    "max_pool2d": (nn.MaxPool2d((2, 3), 1, (0, 1), 1), [(1, 2, 3, 3)]),
    "max_pool2d dilated": (nn.MaxPool2d(2, 1, 1, 2), [(2, 4, 3)]),
    "avg_pool1d": (nn.AvgPool1d(3, 2, 1), [(1, 2, 6)]),
    "avg_pool2d": (nn.AvgPool2d(2, 1, 1, count_include_pad=False), [(1, 1, 3, 2)]),
    "adaptive_avg_pool2d": (nn.AdaptiveAvgPool2d((2, 3)), [(1, 2, 3, 4)]),
    "reflection": (nn.ReflectionPad2d((1, 2, 0, 1)), [(1, 2, 3)]),
    "circular": (nn.CircularPad1d(2), [(1, 1, 3)]),
    "rnn": (drawing(nn.RNN, 2, 2), [(3, 1, 2)]),
    "rnn both ways": (drawing(nn.RNN, 1, 2, 2, bidirectional=True), [(2, 2, 1)]),
    "lstm": (drawing(nn.LSTM, 2, 2), [(3, 2, 2)]),
    "lstm layers": (drawing(nn.LSTM, 1, 1, 2, batch_first=True), [(1, 3, 1)]),
    "gru": (drawing(nn.GRU, 2, 2), [(3, 1, 2)]),
    "lstm cell": (drawing(nn.LSTMCell, 2, 2), [(2, 2)]),
    "gru cell": (drawing(nn.GRUCell, 2, 2), [(2, 2), (2, 2)]),
    "attention": (
        drawing(nn.MultiheadAttention, 4, 2),
        [(3, 1, 4), (2, 1, 4), (2, 1, 4)],
    ),
    "attention batch first": (
        drawing(nn.MultiheadAttention, 2, 1, batch_first=True),
        [(2, 3, 2)] * 3,
    ),
    "encoder layer": (
        drawing(nn.TransformerEncoderLayer, 2, 1, 3, 0.0, activation="gelu"),
        [(3, 1, 2)],
    ),
    "encoder layer norm first": (
        drawing(
            nn.TransformerEncoderLayer, 4, 2, 2, 0.0, activation="gelu", norm_first=True
        ),
        [(2, 1, 4)],
    ),
    "bilinear": (drawing(nn.Bilinear, 2, 3, 2), [(2, 2), (2, 3)]),
    "batch norm": (nn.BatchNorm1d(2, **F64), [(4, 2)]),
    "batch norm images": (nn.BatchNorm2d(1, **F64), [(2, 1, 2, 2)]),
    "layer norm": (nn.LayerNorm(4, **F64), [(2, 4)]),
    "group norm": (nn.GroupNorm(2, 4, **F64), [(1, 4, 2)]),
    "rms norm": (nn.RMSNorm(3, **F64), [(2, 3)]),
    "instance norm": (nn.InstanceNorm1d(2, affine=True, **F64), [(1, 2, 4)]),
    "learned positions": (drawing(nn.LearnedPositionalEncoding, 2, 4), [(3, 1, 2)]),
}


def as_function(layer):
    """Return the layer as a function of its inputs and its parameters."""
    places = [
        (module, name)
        for module in layer.modules()
        for name, _ in module.own_parameters()
    ]
    values = [getattr(module, name).data for module, name in places]

    def function(*tensors):
        inputs, parameters = (
            tensors[: -len(places) or None],
            tensors[len(tensors) - len(places) :],
        )
        for (module, name), parameter in zip(places, parameters, strict=True):
            vars(module)[name] = parameter
        out = layer(*inputs)
        while isinstance(out, tuple):
            out = out[0]
        return out

    return function, values


@pytest.mark.parametrize("name", LAYERS)
def test_layer_has_two_derivatives(name):
    layer, shapes = LAYERS[name]
    function, values = as_function(layer)
    inputs = [rng(k + 1).standard_normal(shape) for k, shape in enumerate(shapes)]
    assert gradcheck(function, *inputs, *values, rtol=1e-6)
