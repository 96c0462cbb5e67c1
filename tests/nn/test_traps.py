"""Rows of the catalogue of traps that concern layers and losses; the id is the row.

I23 is in `test_regularizers`, I24 to I27 are in `test_module`.
"""

import numpy as np
import pytest

import nn
from autograd import DTypeError, OutOfRangeError, ShapeError, Tensor


def rng():
    return np.random.default_rng(0)


class Net(nn.Module):
    """One layer, so that a message can name its path."""

    def __init__(self, layer):
        self.body = nn.Sequential({"part": layer})

    def forward(self, *args):
        return self.body.part(*args)


def message(kind, layer, *args):
    """Return what calling the layer inside a model complains about."""
    with pytest.raises(kind) as caught:
        Net(layer)(*args)
    text = str(caught.value)
    assert text.startswith(f"body.part: {type(layer).__name__}(")
    return text


def test_I01_mse_of_shapes_that_broadcast():
    text = message(ShapeError, nn.MSELoss(), Tensor(np.zeros(3)), np.zeros((3, 1)))
    for part in ("(3,)", "(3, 1)", "9 pairs", "target.reshape(3,)"):
        assert part in text


@pytest.mark.parametrize("label", [-1, 2], ids=["I02", "I03"])
def test_I02_I03_cross_entropy_of_a_class_that_does_not_exist(label):
    text = message(
        OutOfRangeError, nn.CrossEntropyLoss(), Tensor(np.zeros((1, 2))), [label]
    )
    assert str(label) in text
    assert "2 classes" in text


@pytest.mark.parametrize(
    ("logits", "targets"),
    [(np.zeros((1, 2)), np.array([-100])), (np.zeros((0, 2)), np.zeros(0, int))],
    ids=["I04", "I05"],
)
def test_I04_I05_cross_entropy_of_no_sample(logits, targets):
    assert "mean over 0" in message(
        ValueError, nn.CrossEntropyLoss(), Tensor(logits), targets
    )
    out = nn.CrossEntropyLoss(reduction="sum")(Tensor(logits), targets)
    out.backward()
    assert out.item() == 0.0


def test_I07_embedding_of_a_number_that_does_not_exist():
    layer = nn.Embedding(5, 2, rng=rng())
    for index in (-1, 5):
        text = message(OutOfRangeError, layer, np.array([0, index]))
        assert str(index) in text
        assert "5" in text
    message(DTypeError, layer, np.array([0.0]))


def test_I08_batch_norm_of_one_value_for_each_channel():
    for layer, shape in (
        (nn.BatchNorm1d(3), (1, 3)),
        (nn.BatchNorm2d(3), (1, 3, 1, 1)),
    ):
        text = message(ShapeError, layer, np.ones(shape, np.float32))
        for part in (
            "1 value for each channel",
            str(shape),
            "drop_last=True",
            "model.eval()",
        ):
            assert part in text
        assert not layer.running_mean.any()  # nothing was changed
        assert layer.num_batches_tracked == 0
        assert layer.eval()(np.ones(shape)).shape == shape


def test_I09_batch_norm_of_a_constant_batch():
    layer = nn.BatchNorm1d(1, dtype=np.float64)
    x = Tensor([[4.0], [4.0]])
    out = layer(x)
    out.backward(np.array([[1.0], [2.0]]))
    assert np.array_equal(out.data, [[0.0], [0.0]])
    assert np.allclose(x.grad.sum(), 0.0)
    assert np.isclose(layer.running_var[0], 0.9)
    assert np.isclose(layer.running_mean[0], 0.4)


def test_I10_layer_norm_of_one_value_warns_when_it_is_made():
    with pytest.warns(UserWarning, match=r"LayerNorm\(1\): the mean of one value"):
        layer = nn.LayerNorm(1, dtype=np.float64)
    x = Tensor([[3.0], [5.0]])
    out = layer(x)
    out.sum().backward()
    assert not out.data.any()
    assert not x.grad.any()


@pytest.mark.parametrize("cls", [nn.Dropout, nn.Dropout2d, nn.AlphaDropout])
def test_I11_dropout_of_everything_of_nothing_and_of_nonsense(cls):
    x = Tensor(np.ones((2, 3, 4, 4)))
    out = cls(1.0, rng=rng())(x)
    out.sum().backward()
    assert not out.data.any()
    assert not x.grad.any()
    assert cls(0.0, rng=rng())(x) is x
    assert cls(0.7, rng=rng()).eval()(x) is x
    for p in (1.5, -0.1, float("nan")):
        with pytest.raises(
            ValueError, match=rf"{cls.__name__}: p must be a probability"
        ):
            cls(p, rng=rng())


@pytest.mark.parametrize("cls", [nn.Softmax, nn.LogSoftmax, nn.Softmin])
def test_I12_softmax_needs_an_axis(cls):
    with pytest.raises(TypeError, match="axis"):
        cls()


def test_I13_a_kernel_larger_than_the_input():
    layer = nn.Conv2d(1, 1, 3, dilation=2, padding=1, rng=rng())
    text = message(ShapeError, layer, np.zeros((1, 1, 2, 9), np.float32))
    assert "(4, 11)" in text  # the padded input
    assert "(5, 5)" in text  # the effective kernel
    message(ShapeError, nn.MaxPool2d(3), np.zeros((1, 1, 2, 2)))


def test_I15_linear_of_the_wrong_size():
    x = Tensor(np.zeros((3, 5)))
    text = message(ShapeError, nn.Linear(4, 2, rng=rng()), x)
    for part in (
        "Linear(4, 2)",
        "last axis must be 4",
        "(3, 5) float64",
        "test_traps.py:",
    ):
        assert part in text


def test_I16_pooling_with_too_much_padding():
    for cls in (nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d):
        with pytest.raises(ValueError, match="at most half of the kernel"):
            cls(2, padding=2)


def test_I43_running_variance_is_unbiased():
    layer = nn.BatchNorm1d(1, momentum=1.0, dtype=np.float64)
    layer(np.array([[1.0], [3.0]]))
    assert np.allclose(layer.running_var, [2.0])


# ---- wrong shapes of every kind of layer ---------------------------------------------

F32 = np.float32
MISFITS = {
    "Linear scalar": (nn.Linear(2, 2, rng=rng()), [()], "last axis must be 2"),
    "Bilinear": (
        nn.Bilinear(2, 3, 1, rng=rng()),
        [(4, 2), (5, 3)],
        "equal leading axes",
    ),
    "Conv1d axes": (
        nn.Conv1d(2, 2, 1, rng=rng()),
        [(2, 2, 3, 3)],
        "must have 2 or 3 axes",
    ),
    "Conv2d channels": (
        nn.Conv2d(3, 2, 1, rng=rng()),
        [(2, 4, 5, 5)],
        "must hold 3 channels",
    ),
    "ConvTranspose2d": (
        nn.ConvTranspose2d(3, 2, 1, rng=rng()),
        [(4, 5, 5)],
        "must hold 3 channels",
    ),
    "MaxPool2d axes": (nn.MaxPool2d(2), [(4, 4)], "must have 3 or 4 axes"),
    "AvgPool1d axes": (nn.AvgPool1d(2), [(4,)], "must have 2 or 3 axes"),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d(2), [(4, 4)], "must have 3 or 4 axes"),
    "ZeroPad2d": (nn.ZeroPad2d(1), [(4, 4)], "must have 3 or 4 axes"),
    "ReflectionPad1d": (
        nn.ReflectionPad1d(3),
        [(1, 3)],
        "needs at least 4 elements, axis -1 has 3",
    ),
    "CircularPad2d": (
        nn.CircularPad2d(3),
        [(1, 2, 5)],
        "needs at least 3 elements, axis -2 has 2",
    ),
    "Flatten": (nn.Flatten(3), [(2, 2)], "there is no axis 3"),
    "Flatten order": (nn.Flatten(1, 0), [(2, 2)], "start_dim must not come after"),
    "Unflatten": (
        nn.Unflatten(1, (2, 3)),
        [(2, 5)],
        "axis 1 of 5 cannot become (2, 3)",
    ),
    "Unflatten twice -1": (nn.Unflatten(1, (-1, -1)), [(2, 4)], "cannot become"),
    "BatchNorm1d": (nn.BatchNorm1d(3), [(4, 2)], "must hold 3 channels"),
    "BatchNorm2d": (nn.BatchNorm2d(3), [(4, 3)], "must have 4 axes"),
    "InstanceNorm1d": (nn.InstanceNorm1d(3), [(2, 5)], "must hold 3 channels"),
    "GroupNorm": (nn.GroupNorm(2, 4), [(2, 6)], "must hold 4 channels"),
    "LayerNorm": (nn.LayerNorm(3), [(2, 4)], "normalized_shape=(3,)"),
    "RMSNorm": (nn.RMSNorm((2, 3)), [(3, 2)], "normalized_shape=(2, 3)"),
    "Dropout2d": (nn.Dropout2d(0.5, rng=rng()), [(2, 2)], "must have 3 or 4 axes"),
    "RNN features": (nn.RNN(3, 2, rng=rng()), [(4, 1, 2)], "last axis must be 3"),
    "LSTM empty": (nn.LSTM(3, 2, rng=rng()), [(0, 1, 3)], "at least one step"),
    "GRU state": (
        nn.GRU(3, 2, rng=rng()),
        [(4, 1, 3), (1, 2, 2)],
        "state must have shape (1, 1, 2)",
    ),
    "GRU axes": (nn.GRU(3, 2, rng=rng()), [(3,)], "must have 2 or 3 axes"),
    "RNNCell": (nn.RNNCell(3, 2, rng=rng()), [(4, 2)], "last axis must be 3"),
    "GRUCell state": (
        nn.GRUCell(3, 2, rng=rng()),
        [(4, 3), (3, 2)],
        "must have shape (4, 2)",
    ),
    "MultiheadAttention": (
        nn.MultiheadAttention(4, 2, rng=rng()),
        [(3, 1, 5)] * 3,
        "last axis must be 4",
    ),
    "positions": (
        nn.SinusoidalPositionalEncoding(4, 5),
        [(6, 1, 4)],
        "at most 5 positions",
    ),
    "learned positions": (
        nn.LearnedPositionalEncoding(4, 5, rng=rng()),
        [(2, 3)],
        "of 4 features",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_wrong_shape_names_layer_path_and_need(name):
    layer, shapes, needed = MISFITS[name]
    text = message(ShapeError, layer, *(Tensor(np.zeros(s, F32)) for s in shapes))
    assert needed in text
    assert str(shapes[-1] if len(shapes) > 1 else shapes[0]) in text


def test_attention_masks_that_do_not_fit():
    layer, x = nn.MultiheadAttention(4, 2, rng=rng()), np.zeros((3, 2, 4), F32)
    with pytest.raises(
        ShapeError, match=r"attn_mask must have shape \(3, 3\) or \(4, 3, 3\)"
    ):
        layer(x, x, x, attn_mask=np.zeros((2, 3), bool))
    with pytest.raises(ShapeError, match=r"key_padding_mask must have shape \(2, 3\)"):
        layer(x, x, x, key_padding_mask=np.zeros((3, 2), bool))
    with pytest.raises(DTypeError, match="attn_mask must be boolean"):
        layer(x, x, x, attn_mask=np.zeros((3, 3), int))


def test_an_lstm_without_both_states():
    with pytest.raises(
        TypeError, match=r"state of an LSTM is a pair \(h, c\), got ndarray"
    ):
        nn.LSTM(3, 2, rng=rng())(np.zeros((2, 1, 3), F32), np.zeros((1, 1, 2)))
    with pytest.raises(ShapeError, match=r"c must have shape \(1, 1, 2\)"):
        nn.LSTM(3, 2, rng=rng())(
            np.zeros((2, 1, 3), F32), (np.zeros((1, 1, 2)), np.zeros((1, 2)))
        )


BAD_SETTINGS = {
    "Linear size": lambda: nn.Linear(0, 2, rng=rng()),
    "groups": lambda: nn.Conv2d(3, 4, 1, groups=2, rng=rng()),
    "same with stride": lambda: nn.Conv1d(1, 1, 3, 2, "same", rng=rng()),
    "padding word": lambda: nn.Conv1d(1, 1, 3, padding="full", rng=rng()),
    "padding mode": lambda: nn.Conv1d(1, 1, 3, padding_mode="mirror", rng=rng()),
    "kernel length": lambda: nn.Conv2d(1, 1, (3, 3, 3), rng=rng()),
    "negative padding": lambda: nn.ZeroPad2d(-1),
    "padding count": lambda: nn.ZeroPad2d((1, 2)),
    "padding_idx": lambda: nn.Embedding(3, 2, padding_idx=3, rng=rng()),
    "nonlinearity": lambda: nn.RNN(2, 2, nonlinearity="sigmoid", rng=rng()),
    "recurrent dropout": lambda: nn.GRU(2, 2, dropout=1.5, rng=rng()),
    "attention dropout": lambda: nn.MultiheadAttention(4, 2, -0.5, rng=rng()),
    "heads": lambda: nn.MultiheadAttention(5, 2, rng=rng()),
    "activation": lambda: nn.TransformerEncoderLayer(
        4, 2, activation="swish", rng=rng()
    ),
    "odd waves": lambda: nn.SinusoidalPositionalEncoding(3),
    "group norm": lambda: nn.GroupNorm(3, 4),
    "no axes": lambda: nn.LayerNorm(()),
    "gelu": lambda: nn.GELU("erf"),
    "softplus": lambda: nn.Softplus(0.0),
    "hardtanh": lambda: nn.Hardtanh(1.0, -1.0),
}


@pytest.mark.parametrize("make", BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_bad_settings_are_refused_when_the_layer_is_made(make):
    with pytest.raises(ValueError, match=r"\w+: .*(must|needs|is not one)"):
        make()


def test_sizes_must_be_integers():
    with pytest.raises(
        TypeError, match=r"Linear: in_features must be an integer, got 2\.5"
    ):
        nn.Linear(2.5, 2, rng=rng())
