"""Sequential, ModuleList, ModuleDict, ParameterList."""

import numpy as np
import pytest

import nn


def linear(n=2, m=2):
    return nn.Linear(n, m, rng=np.random.default_rng(0))


def test_sequential_calls_in_order():
    net = nn.Sequential(linear(3, 4), nn.ReLU(), linear(4, 1))
    x = np.ones((2, 3))
    by_hand = net[2](net[1](net[0](x)))
    assert np.array_equal(net(x).data, by_hand.data)
    assert [type(layer).__name__ for layer in net] == ["Linear", "ReLU", "Linear"]
    assert len(net) == 3


def test_sequential_index_slice_append_and_names():
    net = nn.Sequential(linear(), nn.ReLU(), nn.Tanh())
    assert net[-1] is net[2]
    part = net[:2]
    assert isinstance(part, nn.Sequential)
    assert list(part) == [net[0], net[1]]
    assert net.append(nn.Sigmoid()) is net
    assert len(net) == 4
    named = nn.Sequential({"fc": linear(), "act": nn.ReLU()})
    assert named.fc is named[0]
    assert list(named.state_dict()) == ["fc.weight", "fc.bias"]
    with pytest.raises(IndexError, match=r"Sequential\[4\]: it has only 4 items"):
        net[4]


def test_module_list():
    layers = nn.ModuleList([linear(), linear()])
    layers.append(nn.ReLU()).extend([nn.Tanh()])
    assert len(layers) == 4
    assert layers[-1] is layers[3]
    replacement = linear()
    layers[0] = replacement
    assert layers[0] is replacement
    assert isinstance(layers[1:3], nn.ModuleList)
    assert len(layers[1:3]) == 2
    assert len(list(layers.parameters())) == 4
    with pytest.raises(IndexError):
        layers[-5]
    with pytest.raises(NotImplementedError, match="ModuleList has no forward"):
        layers(1.0)


def test_module_dict():
    parts = nn.ModuleDict({"a": linear()})
    parts["b"] = nn.ReLU()
    assert list(parts) == parts.keys() == ["a", "b"]
    assert parts.items()[1] == ("b", parts["b"])
    assert parts.values()[0] is parts["a"]
    assert "a" in parts
    assert len(parts) == 2
    del parts["a"]
    assert "a" not in parts
    with pytest.raises(KeyError, match="ModuleDict has no 'a', only b"):
        parts["a"]
    with pytest.raises(KeyError, match="'keys' is a name of its own"):
        parts["keys"] = nn.ReLU()


def test_parameter_list():
    scales = nn.ParameterList([nn.Parameter([1.0]), nn.Parameter([2.0])])
    scales.append(nn.Parameter([3.0]))
    assert [p.item() for p in scales] == [1.0, 2.0, 3.0]
    scales[1] = nn.Parameter([5.0])
    assert scales[1].item() == 5.0
    assert scales[-1].item() == 3.0
    assert len(scales) == 3
    net = nn.Module()
    net.scales = scales
    assert list(net.state_dict()) == ["scales.0", "scales.1", "scales.2"]
    assert [p.name for p in net.parameters()] == list(net.state_dict())


@pytest.mark.parametrize(
    "make",
    [nn.Sequential, lambda x: nn.ModuleList([x]), lambda x: nn.ModuleDict({"a": x})],
)
def test_only_modules_are_taken(make):
    with pytest.raises(TypeError, match=r"must be a Module, got ReLU\. Write ReLU\(\)"):
        make(nn.ReLU)
    with pytest.raises(TypeError, match="must be a Module, got 3"):
        make(3)


def test_a_bad_item_adds_nothing():
    layers = nn.ModuleList([linear()])
    with pytest.raises(TypeError):
        layers.extend([linear(), 3])
    assert len(layers) == 1
