"""The layers that are compared with PyTorch, with weights and inputs from formulas.

`test_torch_parity` runs both side by side; `test_reference` compares with numbers that
were recorded from PyTorch, so that it also runs where PyTorch is missing.
"""

from typing import Any, NamedTuple

import numpy as np

import nn


class Case(NamedTuple):
    """A layer of ours, the same of PyTorch's, and the shapes of the inputs."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    needs_rng: bool = True


def case(name, *args, shapes, needs_rng=True, **kwargs):
    return Case(name, args, kwargs, tuple(shapes), needs_rng)


LINEAR = [
    case("Linear", 4, 3, shapes=[(5, 4)]),
    case("Linear", 4, 3, shapes=[(2, 5, 4)], bias=False),
    case("Linear", 1, 1, shapes=[(1,)]),
    case("Bilinear", 3, 4, 2, shapes=[(5, 3), (5, 4)]),
    case("Flatten", shapes=[(2, 3, 4)], needs_rng=False),
    case("Flatten", 0, 1, shapes=[(2, 3, 4)], needs_rng=False),
    case("Unflatten", 1, (2, 3), shapes=[(4, 6, 2)], needs_rng=False),
    case("Unflatten", -1, (-1, 3), shapes=[(4, 6)], needs_rng=False),
]

CONVOLUTIONS = [
    case("Conv1d", 2, 3, 3, shapes=[(2, 2, 9)]),
    case("Conv1d", 4, 6, 3, 2, 2, 2, 2, shapes=[(1, 4, 13)]),
    case("Conv1d", 2, 3, 4, shapes=[(2, 9)], padding="same", bias=False),
    case("Conv1d", 2, 3, 1, shapes=[(1, 2, 1)]),
    case("Conv1d", 2, 3, 3, shapes=[(2, 2, 9)], padding="valid"),
    case("Conv2d", 2, 3, 3, shapes=[(2, 2, 7, 6)]),
    case("Conv2d", 4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2, shapes=[(2, 4, 8, 9)]),
    case("Conv2d", 2, 2, (2, 3), shapes=[(1, 2, 5, 1)], padding=(0, 1), groups=2),
    case("Conv2d", 3, 2, 3, shapes=[(3, 5, 5)], padding="same", dilation=2),
    case("Conv2d", 1, 2, 3, shapes=[(2, 1, 5, 6)], padding=1, padding_mode="reflect"),
    case("Conv2d", 1, 2, 3, shapes=[(2, 1, 5, 6)], padding=2, padding_mode="replicate"),
    case(
        "Conv2d",
        1,
        2,
        3,
        shapes=[(2, 1, 5, 6)],
        padding="same",
        padding_mode="circular",
    ),
    case("ConvTranspose1d", 3, 2, 3, shapes=[(2, 3, 5)]),
    case("ConvTranspose1d", 4, 6, 3, 2, 1, 1, 2, shapes=[(1, 4, 5)], dilation=2),
    case("ConvTranspose2d", 3, 2, 3, shapes=[(2, 3, 4, 5)]),
    case(
        "ConvTranspose2d", 4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, shapes=[(4, 3, 2)]
    ),
]

POOLING = [
    case("MaxPool1d", 2, shapes=[(2, 3, 7)], needs_rng=False),
    case("MaxPool1d", 3, 2, 1, 2, shapes=[(2, 3, 9)], needs_rng=False),
    case("MaxPool2d", 2, shapes=[(2, 3, 5, 6)], needs_rng=False),
    case("MaxPool2d", (3, 2), (2, 1), (1, 0), shapes=[(3, 7, 5)], needs_rng=False),
    case("MaxPool2d", 3, 2, shapes=[(1, 1, 6, 6)], ceil_mode=True, needs_rng=False),
    case("AvgPool1d", 2, shapes=[(2, 3, 7)], needs_rng=False),
    case(
        "AvgPool1d", 3, 2, 1, shapes=[(3, 8)], count_include_pad=False, needs_rng=False
    ),
    case("AvgPool2d", 2, shapes=[(2, 3, 5, 6)], needs_rng=False),
    case("AvgPool2d", (3, 2), 1, 1, shapes=[(1, 2, 5, 6)], needs_rng=False),
    case("AvgPool2d", 3, 2, shapes=[(1, 1, 6, 6)], ceil_mode=True, needs_rng=False),
    case("AvgPool2d", 2, shapes=[(1, 1, 4, 4)], divisor_override=3, needs_rng=False),
    case("AdaptiveAvgPool2d", 3, shapes=[(2, 3, 7, 8)], needs_rng=False),
    case("AdaptiveAvgPool2d", (1, None), shapes=[(3, 7, 5)], needs_rng=False),
]

PADDING = [
    case("ZeroPad1d", (1, 2), shapes=[(2, 3, 4)], needs_rng=False),
    case("ZeroPad2d", (1, 2, 3, 0), shapes=[(2, 3, 4, 5)], needs_rng=False),
    case("ConstantPad1d", 2, -1.5, shapes=[(3, 4)], needs_rng=False),
    case("ConstantPad2d", (0, 1, 2, 3), 2.5, shapes=[(3, 4, 5)], needs_rng=False),
    case("ReflectionPad1d", (3, 1), shapes=[(2, 3, 4)], needs_rng=False),
    case("ReflectionPad2d", (3, 1, 2, 0), shapes=[(2, 3, 4, 5)], needs_rng=False),
    case("ReplicationPad1d", (3, 1), shapes=[(2, 3, 4)], needs_rng=False),
    case("ReplicationPad2d", 2, shapes=[(2, 3, 1, 5)], needs_rng=False),
    case("CircularPad1d", (3, 4), shapes=[(2, 3, 4)], needs_rng=False),
    case("CircularPad2d", (1, 2, 0, 3), shapes=[(2, 3, 4, 5)], needs_rng=False),
]

NORMALIZATION = [
    case("BatchNorm1d", 3, shapes=[(5, 3)], needs_rng=False),
    case("BatchNorm1d", 3, shapes=[(2, 3, 4)], momentum=None, needs_rng=False),
    case("BatchNorm1d", 3, 1e-3, 0.3, False, False, shapes=[(4, 3)], needs_rng=False),
    case("BatchNorm2d", 3, shapes=[(2, 3, 4, 5)], needs_rng=False),
    case("LayerNorm", 4, shapes=[(2, 3, 4)], needs_rng=False),
    case("LayerNorm", (3, 4), shapes=[(2, 3, 4)], bias=False, needs_rng=False),
    case("GroupNorm", 2, 4, shapes=[(3, 4, 5)], needs_rng=False),
    case("GroupNorm", 4, 4, shapes=[(3, 4, 5, 2)], affine=False, needs_rng=False),
    case("RMSNorm", 4, shapes=[(2, 3, 4)], needs_rng=False),
    case("RMSNorm", (3, 4), 1e-3, shapes=[(2, 3, 4)], needs_rng=False),
    case("InstanceNorm1d", 3, shapes=[(2, 3, 5)], needs_rng=False),
    case("InstanceNorm1d", 3, shapes=[(3, 5)], affine=True, needs_rng=False),
    case(
        "InstanceNorm2d",
        3,
        affine=True,
        track_running_stats=True,
        shapes=[(2, 3, 4, 5)],
        needs_rng=False,
    ),
]

RECURRENT = [
    case(name, 3, 4, *more, shapes=[shape], **kwargs)
    for name, more in (("RNN", ()), ("LSTM", ()), ("GRU", ()))
    for shape, kwargs in (
        ((5, 2, 3), {}),
        ((5, 3), {"bias": False}),
        ((2, 5, 3), {"num_layers": 2, "batch_first": True, "bidirectional": True}),
        ((1, 1, 3), {"num_layers": 3}),
    )
] + [
    case("RNN", 3, 4, shapes=[(5, 2, 3)], nonlinearity="relu"),
    case("RNNCell", 3, 4, shapes=[(2, 3)]),
    case("RNNCell", 3, 4, shapes=[(2, 3), (2, 4)], nonlinearity="relu"),
    case("LSTMCell", 3, 4, shapes=[(2, 3)]),
    case("GRUCell", 3, 4, shapes=[(2, 3), (2, 4)], bias=False),
    case("GRUCell", 3, 4, shapes=[(3,), (4,)]),
]

ATTENTION = [
    case("MultiheadAttention", 6, 2, shapes=[(4, 3, 6), (5, 3, 6), (5, 3, 6)]),
    case(
        "MultiheadAttention", 6, 3, batch_first=True, bias=False, shapes=[(3, 4, 6)] * 3
    ),
    case("MultiheadAttention", 4, 1, shapes=[(4, 4)] * 3),
    case("TransformerEncoderLayer", 6, 2, 8, 0.0, shapes=[(4, 3, 6)]),
    case(
        "TransformerEncoderLayer",
        6,
        2,
        8,
        0.0,
        "gelu",
        1e-3,
        True,
        True,
        shapes=[(3, 4, 6)],
    ),
    case("TransformerEncoderLayer", 6, 2, 8, 0.0, bias=False, shapes=[(4, 6)]),
]

ACTIVATIONS = [
    ("ReLU", ()),
    ("ReLU6", ()),
    ("LeakyReLU", (0.2,)),
    ("ELU", (1.3,)),
    ("CELU", (1.3,)),
    ("SELU", ()),
    ("GELU", ()),
    ("GELU", ("tanh",)),
    ("SiLU", ()),
    ("Mish", ()),
    ("Sigmoid", ()),
    ("Tanh", ()),
    ("Softplus", ()),
    ("Softplus", (2.0,)),
    ("Softsign", ()),
    ("LogSigmoid", ()),
    ("Hardtanh", (-0.5, 1.5)),
    ("Hardsigmoid", ()),
    ("Hardswish", ()),
    ("Tanhshrink", ()),
    ("Softmax", (1,)),
    ("Softmin", (0,)),
    ("LogSoftmax", (-1,)),
    ("GLU", ()),
    ("GLU", (0,)),
    ("Identity", ()),
]

# PyTorch's float64 gradients of these use factors that were rounded to float32.
ROUNDED = ("Hardsigmoid", "CELU")

_EVERY = [
    *LINEAR,
    *CONVOLUTIONS,
    *POOLING,
    *PADDING,
    *NORMALIZATION,
    *RECURRENT,
    *ATTENTION,
    *(
        case(name, *args, shapes=[(4, 6)], needs_rng=False)
        for name, args in ACTIVATIONS
        if name not in ROUNDED
    ),
]


def _label(case: Case) -> str:
    settings = [*map(str, case.args), *(f"{k}={v}" for k, v in case.kwargs.items())]
    return f"{case.name}({', '.join(settings)}) of {case.shapes[0]}"


CASES = {_label(case): case for case in _EVERY}
assert len(CASES) == len(_EVERY)


def build(case: Case, dtype: type) -> Any:
    """Return our layer with weights from a formula."""
    settings = dict(case.kwargs)
    if case.needs_rng:
        settings["rng"] = np.random.default_rng(0)
    if case.needs_rng or "Norm" in case.name:
        settings["dtype"] = dtype
    layer = getattr(nn, case.name)(*case.args, **settings)
    state = layer.state_dict()
    for k, (name, value) in enumerate(state.items()):
        if value.dtype.kind == "f":
            values = 0.4 * wave(value.shape, k)
            positive = (
                "var" in name
                or "norm" in name
                or (name == "weight" and value.ndim == 1)
            )
            state[name] = (np.abs(values + 1.5) if positive else values).astype(dtype)
    layer.load_state_dict(state)
    return layer


def wave(shape: tuple[int, ...], number: int) -> Any:
    """Return numbers without pattern or ties, from -1 to 1."""
    n = int(np.prod(shape))
    return np.sin(1.7 * np.arange(1, n + 1) ** 1.1 + 0.9 * number).reshape(shape)


def inputs(case: Case, dtype: type) -> list[Any]:
    """Return the inputs of a case."""
    return [
        1.5 * wave(shape, 10 + k).astype(dtype) for k, shape in enumerate(case.shapes)
    ]


def flat(result: Any) -> list[Any]:
    """Return the tensors of a nested result, ours or PyTorch's."""
    if isinstance(result, tuple):
        return [tensor for part in result for tensor in flat(part)]
    return [] if result is None else [result]
