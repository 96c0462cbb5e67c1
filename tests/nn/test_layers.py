"""What layers do beside computing: labels in the graph, dropout, states, copies."""

import copy

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from tests.nn.cases import CASES, build, flat, inputs


def rng(seed=0):
    return np.random.default_rng(seed)


def nodes(*roots):
    """Return every recorded tensor behind some results."""
    found, stack = set(roots), list(roots)
    while stack:
        for x in stack.pop().inputs:
            if x not in found:
                found.add(x)
                stack.append(x)
    return [t for t in found if t.op is not None]


@pytest.mark.parametrize("label", CASES)
def test_every_layer_is_one_scope_in_the_graph(label):
    layer = nn.Sequential({"part": build(CASES[label], np.float64)})
    out = layer.part(*map(Tensor, inputs(CASES[label], np.float64)))
    made = nodes(*flat(out))
    assert all(t.scope[0] == "part" for t in made)
    paths = {module.path for module in layer.modules()}
    inner = {t.scope[-1] for t in made} - paths
    assert all(
        name.startswith("l") and name[1].isdigit() for name in inner
    )  # RNN layers


def test_a_shared_weight_is_one_node_with_an_edge_for_every_use():
    cell, h = nn.RNNCell(2, 3, rng=rng()), None
    for x in np.zeros((5, 1, 2), np.float32):
        h = cell(x, h)
    uses = [x for t in nodes(h) for x in t.inputs if x is cell.weight_hh]
    assert len(uses) == 5
    assert cell.weight_hh.name == "weight_hh"


def test_dropout_keeps_the_mean_and_draws_anew():
    layer = nn.Dropout(0.25, rng=rng())
    x = np.ones(100_000, np.float32)
    a, b = layer(x), layer(x)
    assert a.dtype == np.float32
    assert abs(np.mean(a == 0) - 0.25) < 0.01
    assert abs(a.mean() - 1) < 0.01
    assert not np.array_equal(a, b)
    assert np.array_equal(nn.Dropout(0.25, rng=rng())(x), a)


def test_dropout2d_drops_whole_channels():
    out = nn.Dropout2d(0.5, rng=rng())(Tensor(np.ones((40, 50, 3, 3)))).data
    assert set(np.unique(out)) == {0.0, 2.0}
    assert np.array_equal(out.min(axis=(2, 3)), out.max(axis=(2, 3)))
    assert abs(np.mean(out) - 1) < 0.06


def test_alpha_dropout_keeps_mean_and_variance():
    x = rng().standard_normal(100_000)
    out = nn.AlphaDropout(0.3, rng=rng(1))(Tensor(x)).data
    assert abs(out.mean()) < 0.02
    assert abs(out.var() - 1) < 0.03
    limit = -1.0507009873554805 * 1.6732632423543772
    a = (0.7 * (1 + 0.3 * limit**2)) ** -0.5
    assert np.isclose(np.median(out[np.isclose(out, a * limit * 0.7)]), a * limit * 0.7)
    assert abs(np.mean(np.isclose(out, a * limit * 0.7)) - 0.3) < 0.01


def test_dropout_gradient_uses_the_same_mask():
    x = Tensor(np.ones((4, 5, 3, 3)))
    for layer in (nn.Dropout(0.5, rng=rng()), nn.Dropout2d(0.5, rng=rng())):
        x.zero_grad()
        out = layer(x)
        out.sum().backward()
        assert np.array_equal(x.grad, out.data)


def test_recurrent_dropout_is_between_layers_and_in_training_only():
    net = nn.LSTM(2, 3, 2, dropout=0.5, rng=rng())
    x = rng().standard_normal((4, 2, 2))
    assert not np.array_equal(net(x)[0].data, net(x)[0].data)
    net.eval()
    assert np.array_equal(net(x)[0].data, net(x)[0].data)
    single = nn.LSTM(2, 3, dropout=0.5, rng=rng())
    assert np.array_equal(single(x)[0].data, single(x)[0].data)


def test_attention_dropout_is_in_training_only():
    layer = nn.MultiheadAttention(4, 2, dropout=0.5, rng=rng())
    x = rng().standard_normal((5, 2, 4))
    for need in (True, False):
        layer.train()
        a, b = (layer(x, x, x, need_weights=need)[0].data for _ in range(2))
        assert not np.array_equal(a, b)
        layer.eval()
        a, b = (layer(x, x, x, need_weights=need)[0].data for _ in range(2))
        assert np.array_equal(a, b)


def test_attention_weights_and_output_agree_with_and_without_need():
    layer = nn.MultiheadAttention(4, 2, rng=rng(), dtype=np.float64)
    x = rng().standard_normal((5, 2, 4))
    mask = np.triu(np.ones((5, 5), bool), 1)
    out, weights = layer(x, x, x, attn_mask=mask)
    fast, none = layer(x, x, x, attn_mask=mask, need_weights=False)
    causal, _ = layer(x, x, x, is_causal=True)
    assert none is None
    assert np.allclose(out.data, fast.data, atol=1e-14)
    assert np.allclose(out.data, causal.data, atol=1e-14)
    assert np.allclose(weights.data.sum(-1), 1)
    assert not weights.data[:, mask].any()


def test_a_query_that_may_look_nowhere_gets_zero_not_nan():
    layer = nn.MultiheadAttention(4, 2, rng=rng(), dtype=np.float64)
    x = Tensor(rng().standard_normal((3, 1, 4)))
    out, weights = layer(x, x, x, key_padding_mask=np.ones((1, 3), bool))
    out.sum().backward()
    assert not weights.data.any()
    assert np.all(np.isfinite(out.data))
    assert np.all(np.isfinite(x.grad))


def test_encoder_copies_draw_different_masks_from_one_generator():
    generator = rng()
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.5, rng=generator)
    net = nn.TransformerEncoder(layer, 2)
    assert net.layers[0].dropout.rng is generator
    assert net.layers[1].self_attn.rng is generator
    assert net.layers[0].linear1.weight is not net.layers[1].linear1.weight
    assert np.array_equal(
        net.layers[0].linear1.weight.data, net.layers[1].linear1.weight.data
    )
    assert net.layers[1].linear1.weight.name == "layers.1.linear1.weight"
    twin = copy.deepcopy(net)  # a copy of the whole model has a generator of its own
    assert twin.layers[0].dropout.rng is twin.layers[1].dropout.rng
    assert twin.layers[0].dropout.rng is not generator


def test_sinusoidal_positions():
    layer = nn.SinusoidalPositionalEncoding(6, 50, dtype=np.float64)
    table = layer(np.zeros((50, 6)))
    for t in (0, 7, 49):
        for i in range(3):
            angle = t / 10000 ** (2 * i / 6)
            assert np.isclose(table[t, 2 * i], np.sin(angle))
            assert np.isclose(table[t, 2 * i + 1], np.cos(angle))
    assert not layer.state_dict()
    x = rng().standard_normal((4, 2, 6))
    first = nn.SinusoidalPositionalEncoding(6, batch_first=True, dtype=np.float64)
    assert np.allclose(first(x.swapaxes(0, 1)).swapaxes(0, 1), layer(x))
    assert first(np.zeros((1, 3, 6), np.float32)).dtype == np.float32


def test_learned_positions_are_trained():
    layer = nn.LearnedPositionalEncoding(2, 5, rng=rng())
    layer(np.zeros((3, 4, 2))).sum().backward()
    assert np.array_equal(layer.weight.grad, [[4, 4]] * 3 + [[0, 0]] * 2)


def test_padding_index_starts_at_zero_and_stays_there():
    layer = nn.Embedding(4, 2, padding_idx=-1, rng=rng())
    assert layer.padding_idx == 3
    assert not layer.weight.data[3].any()
    layer(np.array([3, 1, 1])).sum().backward()
    assert np.array_equal(layer.weight.grad, [[0, 0], [2, 2], [0, 0], [0, 0]])


def test_batch_norm_changes_its_buffers_in_training_only():
    layer = nn.BatchNorm1d(2)
    x = rng().standard_normal((4, 2))
    before = layer.state_dict()
    layer.eval()(x)
    assert all(np.array_equal(layer.state_dict()[k], v) for k, v in before.items())
    layer.train()(x)
    assert layer.num_batches_tracked == 1
    assert layer.running_mean.any()


def test_layers_do_not_change_their_input():
    for label, case in CASES.items():
        given = inputs(case, np.float64)
        before = [x.copy() for x in given]
        build(case, np.float64)(*given)
        assert all(map(np.array_equal, given, before)), label


def test_repr_shows_what_is_not_usual():
    shown = [
        nn.Conv2d(
            1, 2, 3, padding="same", padding_mode="reflect", bias=False, rng=rng()
        ),
        nn.ConvTranspose1d(2, 2, 4, 2, 1, rng=rng()),
        nn.MaxPool2d(2),
        nn.AvgPool1d(3, 1, 1),
        nn.AdaptiveAvgPool2d((1, None)),
        nn.ZeroPad2d(1),
        nn.ConstantPad1d((1, 2), 0.5),
        nn.Embedding(5, 2, 0, rng=rng()),
        nn.LSTM(
            2,
            3,
            2,
            batch_first=True,
            dropout=0.1,
            bidirectional=True,
            bias=False,
            rng=rng(),
        ),
        nn.GRUCell(2, 3, bias=False, rng=rng()),
        nn.GroupNorm(2, 4),
        nn.LayerNorm((2, 3)),
        nn.BatchNorm2d(3, eps=1e-3, momentum=None),
        nn.Dropout(0.1, rng=rng()),
        nn.Flatten(),
        nn.Flatten(0),
        nn.Unflatten(1, (2, 3)),
        nn.GELU("tanh"),
        nn.Softmax(1),
        nn.LeakyReLU(),
        nn.ELU(),
        nn.GLU(),
        nn.GLU(0),
        nn.Hardtanh(),
        nn.Softplus(),
        nn.Bilinear(1, 2, 3, rng=rng()),
        nn.MSELoss(),
        nn.L1Loss("sum"),
        nn.SinusoidalPositionalEncoding(2, 9),
        nn.LearnedPositionalEncoding(2, 9, rng=rng()),
    ]
    assert list(map(repr, shown)) == [
        "Conv2d(1, 2, kernel_size=3, padding='same', padding_mode='reflect', "
        "bias=False)",
        "ConvTranspose1d(2, 2, kernel_size=4, stride=2, padding=1)",
        "MaxPool2d(2)",
        "AvgPool1d(3, stride=1, padding=1)",
        "AdaptiveAvgPool2d((1, None))",
        "ZeroPad2d(1)",
        "ConstantPad1d((1, 2), 0.5)",
        "Embedding(5, 2, padding_idx=0)",
        "LSTM(2, 3, num_layers=2, bias=False, batch_first=True, dropout=0.1, "
        "bidirectional=True)",
        "GRUCell(2, 3, bias=False)",
        "GroupNorm(2, 4)",
        "LayerNorm((2, 3))",
        "BatchNorm2d(3, eps=0.001, momentum=None)",
        "Dropout(0.1)",
        "Flatten()",
        "Flatten(0, -1)",
        "Unflatten(1, (2, 3))",
        "GELU('tanh')",
        "Softmax(axis=1)",
        "LeakyReLU(0.01)",
        "ELU(1.0)",
        "GLU()",
        "GLU(axis=0)",
        "Hardtanh(-1.0, 1.0)",
        "Softplus()",
        "Bilinear(1, 2, 3)",
        "MSELoss()",
        "L1Loss(reduction='sum')",
        "SinusoidalPositionalEncoding(2, max_len=9)",
        "LearnedPositionalEncoding(2, max_len=9)",
    ]


def test_a_net_learns():
    """A small network of many layers fits random labels by plain gradient descent."""
    generator = rng()
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=generator),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16, 16, rng=generator),
        nn.LayerNorm(16),
        nn.GELU(),
        nn.Linear(16, 3, rng=generator),
    )
    x, y = generator.standard_normal((12, 1, 4, 4)), generator.integers(0, 3, 12)
    loss = nn.CrossEntropyLoss()
    first = loss(net(x), y).item()
    for _ in range(60):
        net.zero_grad()
        cost = loss(net(x), y) + nn.L2(1e-4)(net)
        cost.backward(keep="leaves")
        with ag.no_grad():
            for p in net.parameters():
                p -= 0.2 * p.grad
    assert loss(net(x), y).item() < 0.05 * first
