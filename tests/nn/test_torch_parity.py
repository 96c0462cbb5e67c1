"""Layers against PyTorch: one state for both, then values and gradients.

Each case is run in float64 (to 1e-10) and in float32 (to 1e-5, relative to the largest
element).  Skipped where PyTorch is not installed; `test_reference` has recorded values.
"""

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.nn.cases import ACTIVATIONS, CASES, ROUNDED, build, flat, inputs, wave

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

RNG = np.random.default_rng


def close(mine: Any, reference: Any, dtype: type, tolerance: float = 1e-10) -> None:
    reference = (
        reference.detach().numpy() if hasattr(reference, "detach") else reference
    )
    tolerance = tolerance if dtype is np.float64 else 1e-5
    assert np.shape(mine) == reference.shape
    assert np.asarray(mine).dtype == reference.dtype
    scale = max(1.0, np.max(np.abs(reference), initial=0.0))
    assert np.max(np.abs(mine - reference), initial=0.0) <= tolerance * scale


def torch_layer(case: Any, state: dict[str, Any], dtype: type) -> Any:
    """Return PyTorch's layer with the same state."""
    layer = getattr(torch.nn, case.name)(*case.args, **case.kwargs)
    layer.to(getattr(torch, np.dtype(dtype).name))
    layer.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    return layer


MODES = [
    (label, training)
    for label, case in CASES.items()
    for training in ((True, False) if "Norm" in case.name else (True,))
]


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # PyTorch's, on its speed
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("label", "training"), MODES)
def test_layer_equals_torch(label, training, dtype):
    case = CASES[label]
    ours = build(case, dtype).train(training)
    theirs = torch_layer(case, ours.state_dict(), dtype).train(training)
    arrays = inputs(case, dtype)
    mine = [Tensor(array) for array in arrays]
    reference = [torch.tensor(array, requires_grad=True) for array in arrays]
    out, expected = flat(ours(*mine)), flat(theirs(*reference))
    assert len(out) == len(expected)
    weights = [wave(x.shape, 20 + k).astype(dtype) for k, x in enumerate(out)]
    for x, y in zip(out, expected, strict=True):
        close(x.data, y, dtype)
    total(x * w for x, w in zip(out, weights, strict=True)).backward()
    total(
        y * torch.tensor(w) for y, w in zip(expected, weights, strict=True)
    ).backward()
    for x, y in zip(mine, reference, strict=True):
        close(x.grad, y.grad, dtype)
    gradients = dict(ours.named_parameters())
    for name, parameter in theirs.named_parameters():
        close(gradients[name].grad, parameter.grad, dtype)
    for name, value in theirs.state_dict().items():  # running statistics as well
        close(ours.state_dict()[name], value, dtype)


def total(products: Any) -> Any:
    """Return the sum of all elements of some tensors."""
    sums = [product.sum() for product in products]
    result = sums[0]
    for other in sums[1:]:
        result = result + other
    return result


def test_weights_of_a_pytorch_model_give_the_same_output():
    t = torch.nn
    theirs = t.Sequential(
        t.Conv2d(1, 4, 3, padding=1),
        t.BatchNorm2d(4),
        t.ReLU(),
        t.MaxPool2d(2),
        t.Flatten(),
        t.Linear(36, 10),
    )
    theirs(torch.randn(8, 1, 6, 6))  # moves the running statistics
    rng = RNG(0)
    ours = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=rng),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 10, rng=rng),
    )
    ours.load_state_dict(theirs.state_dict())
    x = rng.standard_normal((2, 1, 6, 6)).astype(np.float32)
    close(ours.eval()(x).data, theirs.eval()(torch.tensor(x)), np.float32)


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
    close(a.grad, b.grad, dtype, 1e-7 if name in ROUNDED else 1e-10)


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
    "padding": {
        "key_padding_mask": np.array([[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]], bool)
    },
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
    given = {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in masks.items()
    }
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
    theirs = torch.nn.TransformerEncoder(
        layer, 2, torch.nn.LayerNorm(6), enable_nested_tensor=False
    ).double()
    rng = RNG(0)
    ours = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(
            6, 2, 8, 0.0, norm_first=True, rng=rng, dtype=np.float64
        ),
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
                assert np.all(
                    np.abs(mine) <= max(reference.abs().max().item() * 1.2, 1e-9)
                )
