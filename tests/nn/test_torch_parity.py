"""Layers against PyTorch: weights from its state, then values and gradients.

Each case is run in float64 (to 1e-10) and in float32 (to 1e-5, relative to the largest
element).  Skipped where PyTorch is not installed; `test_reference` has recorded values.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
from autograd import Tensor

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

RNG = np.random.default_rng


class Case(NamedTuple):
    """A layer of ours, the same of PyTorch's, and the shapes of the inputs."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    needs_rng: bool = True


def case(name, *args, shapes, needs_rng=True, **kwargs):
    return pytest.param(
        Case(name, args, kwargs, tuple(shapes), needs_rng),
        id=f"{name}-{'-'.join(map(str, [*args, *kwargs.values()]))}-{shapes[0]}",
    )


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
    case("Conv2d", 1, 2, 3, shapes=[(2, 1, 5, 6)], padding="same", padding_mode="circular"),
    case("ConvTranspose1d", 3, 2, 3, shapes=[(2, 3, 5)]),
    case("ConvTranspose1d", 4, 6, 3, 2, 1, 1, 2, shapes=[(1, 4, 5)], dilation=2),
    case("ConvTranspose2d", 3, 2, 3, shapes=[(2, 3, 4, 5)]),
    case("ConvTranspose2d", 4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, shapes=[(4, 3, 2)]),
]

POOLING = [
    case("MaxPool1d", 2, shapes=[(2, 3, 7)], needs_rng=False),
    case("MaxPool1d", 3, 2, 1, 2, shapes=[(2, 3, 9)], needs_rng=False),
    case("MaxPool2d", 2, shapes=[(2, 3, 5, 6)], needs_rng=False),
    case("MaxPool2d", (3, 2), (2, 1), (1, 0), shapes=[(3, 7, 5)], needs_rng=False),
    case("MaxPool2d", 3, 2, shapes=[(1, 1, 6, 6)], ceil_mode=True, needs_rng=False),
    case("AvgPool1d", 2, shapes=[(2, 3, 7)], needs_rng=False),
    case("AvgPool1d", 3, 2, 1, shapes=[(3, 8)], count_include_pad=False, needs_rng=False),
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
        "InstanceNorm2d", 3, affine=True, track_running_stats=True, shapes=[(2, 3, 4, 5)], needs_rng=False,
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
    case("MultiheadAttention", 6, 3, batch_first=True, bias=False, shapes=[(3, 4, 6)] * 3),
    case("MultiheadAttention", 4, 1, shapes=[(4, 4)] * 3),
    case("TransformerEncoderLayer", 6, 2, 8, 0.0, shapes=[(4, 3, 6)]),
    case("TransformerEncoderLayer", 6, 2, 8, 0.0, "gelu", 1e-3, True, True, shapes=[(3, 4, 6)]),
    case("TransformerEncoderLayer", 6, 2, 8, 0.0, bias=False, shapes=[(4, 6)]),
]

EVERY = [*LINEAR, *CONVOLUTIONS, *POOLING, *PADDING, *NORMALIZATION, *RECURRENT, *ATTENTION]


def build(case: Case, dtype: type) -> tuple[Any, Any]:
    """Return PyTorch's layer, and ours with its weights."""
    torch.manual_seed(0)
    theirs = getattr(torch.nn, case.name)(*case.args, **case.kwargs)
    theirs = theirs.to(getattr(torch, np.dtype(dtype).name))
    state = theirs.state_dict()
    rng = RNG(0)
    for key, value in state.items():
        if value.dtype.is_floating_point:
            away = "var" in key or "norm" in key or key == "weight" and value.ndim == 1
            values = rng.standard_normal(value.shape) * 0.3 + (1.5 if away else 0.0)
            state[key] = torch.as_tensor(np.abs(values) if "var" in key else values).to(value.dtype)
    theirs.load_state_dict(state)
    settings = dict(case.kwargs)
    if case.needs_rng:
        settings["rng"] = RNG(1)
    try:
        ours = getattr(nn, case.name)(*case.args, **settings, dtype=dtype)
    except TypeError as error:
        assert "dtype" in str(error)  # a layer without parameters
        ours = getattr(nn, case.name)(*case.args, **settings)
    ours.load_state_dict(state)
    return theirs, ours


def flat(result: Any) -> list[Any]:
    """Return the arrays of a nested result, ours or PyTorch's."""
    if isinstance(result, tuple):
        return [array for part in result for array in flat(part)]
    return [] if result is None else [result]


def close(mine: Any, reference: Any, dtype: type, tolerance: float = 1e-10) -> None:
    reference = reference.detach().numpy() if hasattr(reference, "detach") else reference
    tolerance = tolerance if dtype is np.float64 else 1e-5
    assert np.shape(mine) == reference.shape
    assert np.asarray(mine).dtype == reference.dtype
    scale = max(1.0, np.max(np.abs(reference), initial=0.0))
    assert np.max(np.abs(mine - reference), initial=0.0) <= tolerance * scale


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # PyTorch's, on its speed
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("case", EVERY)
def test_layer_equals_torch(case, dtype, training):
    theirs, ours = build(case, dtype)
    theirs.train(training)
    ours.train(training)
    rng = RNG(2)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in case.shapes]
    mine = [Tensor(array) for array in arrays]
    reference = [torch.tensor(array, requires_grad=True) for array in arrays]
    out = flat(ours(*mine))
    expected = flat(theirs(*reference))
    assert len(out) == len(expected)
    weights = [rng.standard_normal(x.shape).astype(dtype) for x in expected]
    for x, y in zip(out, expected, strict=True):
        close(x.data, y, dtype)
    sum(((x * w).sum() for x, w in zip(out[1:], weights[1:], strict=True)), (out[0] * weights[0]).sum()).backward()
    sum((y * torch.tensor(w)).sum() for y, w in zip(expected, weights, strict=True)).backward()
    for x, y in zip(mine, reference, strict=True):
        close(x.grad, y.grad, dtype)
    gradients = dict(ours.named_parameters())
    for name, parameter in theirs.named_parameters():
        close(gradients[name].grad, parameter.grad, dtype)
    for name, value in theirs.state_dict().items():  # running statistics as well
        close(ours.state_dict()[name], value, dtype)


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


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("name", "args"), ACTIVATIONS)
def test_activation_equals_torch(name, args, dtype):
    mine, theirs = getattr(nn, name)(*args), _torch_activation(name, args)
    x = (RNG(0).standard_normal((4, 6)) * 3).astype(dtype)
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    out, expected = mine(a), theirs(b)
    close(out.data, expected, dtype)
    weights = RNG(1).standard_normal(expected.shape).astype(dtype)
    (out * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    # PyTorch's float64 gradients of these use factors that were rounded to float32.
    rounded = name in ("Hardsigmoid", "CELU")
    close(a.grad, b.grad, dtype, 1e-7 if rounded else 1e-10)


def _torch_activation(name, args):
    if name == "GELU" and args:
        return torch.nn.GELU(approximate=args[0])
    return getattr(torch.nn, name)(*args)


def test_every_activation_is_compared():
    from nn import activation

    assert {name for name, _ in ACTIVATIONS} == {*activation.__all__, "Identity"}


def test_embedding_equals_torch():
    theirs = torch.nn.Embedding(7, 3, padding_idx=2).double()
    ours = nn.Embedding(7, 3, padding_idx=2, rng=RNG(0), dtype=np.float64)
    ours.load_state_dict(theirs.state_dict())
    index = np.array([[1, 2, 2], [6, 0, 1]])
    out, expected = ours(index), theirs(torch.tensor(index))
    close(out.data, expected, np.float64)
    weights = RNG(1).standard_normal(expected.shape)
    (out * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    close(ours.weight.grad, theirs.weight.grad, np.float64)


MASKS = {
    "boolean": {"attn_mask": np.triu(np.ones((4, 4), bool), 1)},
    "float": {"attn_mask": np.linspace(-1, 1, 16).reshape(4, 4)},
    "per head": {"attn_mask": np.linspace(-1, 1, 96).reshape(6, 4, 4)},
    "padding": {"key_padding_mask": np.array([[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]], bool)},
    "both": {
        "attn_mask": np.triu(np.ones((4, 4), bool), 1),
        "key_padding_mask": np.array([[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]], bool),
    },
    "single weights": {"average_attn_weights": False},
    "no weights": {"need_weights": False},
}


@pytest.mark.parametrize("masks", MASKS.values(), ids=MASKS)
def test_attention_masks_equal_torch(masks):
    theirs = torch.nn.MultiheadAttention(6, 2).double()
    ours = nn.MultiheadAttention(6, 2, rng=RNG(0), dtype=np.float64)
    ours.load_state_dict(theirs.state_dict())
    x = RNG(1).standard_normal((4, 3, 6))
    given = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in masks.items()}
    out, weights = ours(x, x, x, **masks)
    t = torch.tensor(x)
    expected, expected_weights = theirs(t, t, t, **given)
    close(out.data, expected, np.float64)
    if expected_weights is None:
        assert weights is None
    else:
        close(weights.data, expected_weights, np.float64)


def test_encoder_with_masks_equals_torch():
    layer = torch.nn.TransformerEncoderLayer(6, 2, 8, 0.0, norm_first=True)
    theirs = torch.nn.TransformerEncoder(layer, 2, torch.nn.LayerNorm(6), enable_nested_tensor=False).double()
    rng = RNG(0)
    ours = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(6, 2, 8, 0.0, norm_first=True, rng=rng, dtype=np.float64),
        2,
        nn.LayerNorm(6, dtype=np.float64),
    )
    ours.load_state_dict(theirs.state_dict())
    x, causal = rng.standard_normal((4, 3, 6)), np.triu(np.ones((4, 4), bool), 1)
    padding = np.array([[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 1, 1]], bool)
    expected = theirs(torch.tensor(x), torch.tensor(causal), torch.tensor(padding))
    close(ours(x, causal, padding).data, expected, np.float64)
    causal_only = theirs(torch.tensor(x), torch.tensor(causal))
    close(ours(x, is_causal=True).data, causal_only, np.float64)


def test_recurrent_states_equal_torch():
    theirs = torch.nn.LSTM(3, 4, 2, bidirectional=True).double()
    ours = nn.LSTM(3, 4, 2, bidirectional=True, rng=RNG(0), dtype=np.float64)
    ours.load_state_dict(theirs.state_dict())
    rng = RNG(1)
    x, h, c = (rng.standard_normal(s) for s in ((5, 2, 3), (4, 2, 4), (4, 2, 4)))
    h0 = Tensor(h)
    out, (hn, cn) = ours(x, (h0, c))
    th = torch.tensor(h, requires_grad=True)
    expected, (thn, tcn) = theirs(torch.tensor(x), (th, torch.tensor(c)))
    for mine, reference in ((out, expected), (hn, thn), (cn, tcn)):
        close(mine.data, reference, np.float64)
    (out.sum() + hn.sum() * 2 + cn.sum() * 3).backward()
    (expected.sum() + thn.sum() * 2 + tcn.sum() * 3).backward()
    close(h0.grad, th.grad, np.float64)


def test_batch_norm_after_training_equals_torch():
    theirs, ours = torch.nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    for seed in range(4):
        x = RNG(seed).standard_normal((6, 3)).astype(np.float32)
        ours(x)
        theirs(torch.tensor(x))
    for name, value in theirs.state_dict().items():
        close(ours.state_dict()[name], value, np.float32)
    x = RNG(9).standard_normal((2, 3)).astype(np.float32)
    close(ours.eval()(x).data, theirs.eval()(torch.tensor(x)), np.float32)


def test_default_initialisation_has_torch_bounds():
    """The largest of many draws of each parameter is within 3 % of PyTorch's bound."""
    rng = RNG(0)
    pairs = [
        (nn.Linear(200, 300, rng=rng), torch.nn.Linear(200, 300)),
        (nn.Conv2d(30, 50, 5, rng=rng), torch.nn.Conv2d(30, 50, 5)),
        (nn.ConvTranspose2d(30, 50, 5, rng=rng), torch.nn.ConvTranspose2d(30, 50, 5)),
        (nn.LSTM(100, 90, rng=rng), torch.nn.LSTM(100, 90)),
        (nn.MultiheadAttention(200, 4, rng=rng), torch.nn.MultiheadAttention(200, 4)),
        (nn.Bilinear(20, 30, 40, rng=rng), torch.nn.Bilinear(20, 30, 40)),
        (nn.Embedding(300, 200, rng=rng), torch.nn.Embedding(300, 200)),
    ]
    for ours, theirs in pairs:
        for (name, mine), (same, reference) in zip(
            ours.state_dict().items(), theirs.state_dict().items(), strict=True
        ):
            assert name == same
            assert mine.shape == tuple(reference.shape)
            if mine.size > 10_000:
                assert abs(mine.std() / reference.std().item() - 1) < 0.02, name
                if not isinstance(ours, nn.Embedding):
                    bound = reference.abs().max().item()
                    assert abs(np.abs(mine).max() / bound - 1) < 0.03, name
            elif mine.size:
                assert np.all(np.abs(mine) <= max(reference.abs().max().item() * 1.2, 1e-9))
