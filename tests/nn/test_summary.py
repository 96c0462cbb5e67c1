"""`nn.summary`: the table, its numbers, and that nothing is changed."""

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor


def rng():
    return np.random.default_rng(0)


def lenet():
    return nn.Sequential(
        {
            "conv1": nn.Conv2d(1, 6, 5, padding=2, rng=rng()),
            "act1": nn.ReLU(),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(6, 16, 5, rng=rng()),
            "act2": nn.ReLU(),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "fc1": nn.Linear(400, 120, rng=rng()),
            "fc2": nn.Linear(120, 84, rng=rng()),
            "fc3": nn.Linear(84, 10, rng=rng()),
        }
    )


def test_lenet():
    found = nn.summary(lenet(), (2, 1, 28, 28))
    rows = {row.path: row for row in found.layers}
    assert rows["conv2"].output_shape == (2, 16, 10, 10)
    assert rows["conv2"].parameters == 2416
    assert rows["conv2"].output_bytes == 2 * 16 * 100 * 4
    assert rows["conv2"].kind == "Conv2d"
    assert rows[""].output_shape == (2, 10)
    assert (
        found.parameters == found.trainable == 61706
    )  # LeNet-5, as everybody counts it
    assert found.parameter_bytes == 4 * 61706
    assert found.output_bytes == sum(
        row.output_bytes for row in found.layers if row.path
    )
    text = repr(found)
    assert "conv2: Conv2d     (2, 16, 10, 10)       2,416  12.5 KiB" in text
    assert "61,706 parameters, 61,706 of them trained" in text


def test_frozen_and_shared_parameters():
    net = nn.Sequential(nn.Linear(3, 3, rng=rng()), nn.Linear(3, 3, rng=rng()))
    net[1].weight = net[0].weight
    net[0].bias.requires_grad = False
    found = nn.summary(net, (1, 3))
    assert [row.parameters for row in found.layers] == [12, 3, 0]
    assert (found.parameters, found.trainable) == (15, 12)


def test_several_results_and_integer_input():
    net = nn.Sequential(nn.Embedding(7, 3, rng=rng()), nn.LSTM(3, 4, rng=rng()))
    found = nn.summary(net, (5, 2), dtype=int)
    assert found.layers[1].output_shape == ((5, 2, 4), ((1, 2, 4), (1, 2, 4)))
    assert found.layers[1].output_bytes == 4 * (40 + 8 + 8)
    assert "(5, 2, 4), ((1, 2, 4), (1, 2, 4))" in repr(found)


def test_nothing_is_changed():
    generator = rng()
    net = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5, rng=generator), nn.ReLU())
    net[2].eval()
    before, state = net.state_dict(), generator.bit_generator.state
    nn.summary(net, (4, 3))
    assert generator.bit_generator.state == state
    assert all(
        np.array_equal(net.state_dict()[name], value) for name, value in before.items()
    )
    assert [module.training for module in net.modules()] == [True, True, True, False]
    with pytest.raises(ShapeError, match="0: BatchNorm1d"):
        nn.summary(net, (4, 5))
    assert [module.training for module in net.modules()] == [True, True, True, False]
    calls = []
    net[2].forward = lambda x: calls.append(1) or x
    net(np.ones((4, 3)))
    assert not any(module._hooks for module in net.modules())


def test_an_input_in_place_of_its_shape():
    table = repr(nn.summary(lenet(), (2, 1, 28, 28)))
    x = np.ones((2, 1, 28, 28))
    assert repr(nn.summary(lenet(), x)) == table
    assert repr(nn.summary(lenet(), Tensor(x.astype(np.float32)))) == table
    net = nn.Sequential(nn.Embedding(7, 3, rng=rng()))
    assert nn.summary(net, np.array([[0, 6]])).layers[0].output_shape == (1, 2, 3)


@pytest.mark.parametrize("given", [5, None, 2.5, [[0.0, 1.0]], (1.5, 2), np.array(3)])
def test_neither_a_shape_nor_an_input(given):
    with pytest.raises(TypeError, match=r"shape of an input.*\(1, 3, 32, 32\)"):
        nn.summary(lenet(), given)


def test_an_input_has_its_own_dtype():
    with pytest.raises(TypeError, match=r"Leave dtype out, or pass the shape \(1, 2\)"):
        nn.summary(nn.ReLU(), np.ones((1, 2)), dtype=int)
