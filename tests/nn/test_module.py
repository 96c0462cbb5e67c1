"""`Module`: attributes, walking, state, switches, calling."""

import copy
import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import CheckpointError, DTypeError, InPlaceError, ShapeError, Tensor


def rng():
    return np.random.default_rng(0)


class Block(nn.Module):
    def __init__(self, generator):
        self.fc = nn.Linear(3, 3, rng=generator)
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x):
        return self.norm(self.fc(x))


class Net(nn.Module):
    """Three layers, one of them nested; it does not call super().__init__()."""

    def __init__(self):
        generator = rng()
        self.scale = nn.Parameter([2.0])
        self.fc1 = nn.Linear(4, 3, rng=generator)
        self.blocks = nn.ModuleList([Block(generator), Block(generator)])
        self.head = nn.Linear(3, 2, bias=False, rng=generator)

    def forward(self, x):
        x = ag.relu(self.fc1(x))
        for block in self.blocks:
            x = block(x)
        return self.head(x) * self.scale


X = np.random.default_rng(1).standard_normal((5, 4))


def test_parameters_come_in_attribute_order_with_their_paths_as_names():
    net = Net()
    names = [name for name, _ in net.named_parameters()]
    assert names == [
        "scale",
        "fc1.weight",
        "fc1.bias",
        *[
            f"blocks.{k}.{name}"
            for k in (0, 1)
            for name in ("fc.weight", "fc.bias", "norm.weight", "norm.bias")
        ],
        "head.weight",
    ]
    assert [p.name for p in net.parameters()] == names
    assert all(p.dtype == np.float32 for p in net.parameters())


def test_modules_and_children():
    net = Net()
    assert [name for name, _ in net.named_children()] == ["fc1", "blocks", "head"]
    assert list(net.children()) == [net.fc1, net.blocks, net.head]
    paths = [path for path, _ in net.named_modules()]
    assert paths[:5] == ["", "fc1", "blocks", "blocks.0", "blocks.0.fc"]
    assert [module.path for module in net.modules()] == paths


def test_paths_grow_when_a_model_becomes_part_of_another():
    outer = nn.Sequential(nn.Sequential(Net()))
    first = next(outer.parameters())
    assert first.name == "0.0.scale"
    assert outer[0][0].blocks[1].norm.path == "0.0.blocks.1.norm"
    inner = outer[0][0]
    inner.extra = nn.Linear(2, 2, rng=rng())  # added later, at the right depth
    assert inner.extra.weight.name == "0.0.extra.weight"


def test_names_that_the_user_gave_are_kept():
    class Lesson(nn.Module):
        def __init__(self):
            self.w = Tensor([[1.0]], name="W1")

    net = nn.Sequential(Lesson())
    assert [p.name for p in net.parameters()] == ["W1"]
    assert list(net.state_dict()) == ["0.w"]


def test_plain_tensors_are_parameters_only_if_they_are_leaves_to_be_trained():
    net = nn.Module()
    net.weight = Tensor([1.0])
    net.constant = Tensor([1.0], requires_grad=False)
    net.result = net.weight * 2
    assert [name for name, _ in net.named_parameters()] == ["weight"]
    net.weight.requires_grad_(False)
    assert [name for name, _ in net.named_parameters()] == ["weight"]
    net.register_parameter("frozen", Tensor([1.0], requires_grad=False))
    net.register_parameter("later", None)
    assert [name for name, _ in net.named_parameters()] == ["weight", "frozen"]
    del net.weight
    assert [name for name, _ in net.named_parameters()] == ["frozen"]
    net.frozen = None
    assert not list(net.parameters())


def test_a_parameter_cannot_become_something_else():
    layer = nn.Linear(2, 2, rng=rng())
    with pytest.raises(TypeError, match=r"Linear\(2, 2\)\.weight is a parameter"):
        layer.weight = np.zeros((2, 2))
    with pytest.raises(TypeError, match="must be a leaf Tensor or None, got Tensor"):
        layer.register_parameter("weight", layer.weight * 2)
    layer.weight = Tensor(np.ones((2, 2)))
    assert layer.weight.name == "weight"


def test_parameter_is_a_float32_leaf():
    p = nn.Parameter([[1, 2]])
    assert (p.dtype, p.requires_grad, p.name) == (np.float32, True, None)
    assert nn.Parameter([1.0], dtype=np.float64).dtype == np.float64
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad
    with pytest.raises(DTypeError, match="dtype must be floating point, got int64"):
        nn.Parameter([1], dtype=np.int64)


# ---- calling -------------------------------------------------------------------------


def test_every_layer_is_a_scope():
    out = Net()(X)
    assert out.scope == ("Net",)
    scopes = {t.scope for t in walk(out)}
    assert ("Net", "fc1") in scopes
    assert ("Net", "blocks.1", "blocks.1.norm") in scopes
    assert ("Net", "head") in scopes


def walk(root):
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        yield node
        for x in node.inputs:
            if x.op is not None and x not in seen:
                seen.add(x)
                stack.append(x)


def test_plain_float_arrays_are_cast_to_the_dtype_of_the_parameters():
    net = Net()
    assert net(X).dtype == np.float32
    assert net.to(np.float64)(X.astype(np.float32)).dtype == np.float64
    assert nn.Linear(2, 1, rng=rng())(np.ones((3, 2), np.uint8)).dtype == np.float32
    assert nn.Linear(2, 1, rng=rng())([[1, 2]]).dtype == np.float32
    wide = Tensor(X)  # a tensor keeps its dtype: its gradient is wanted in it
    net = Net()
    net(wide).sum().backward()
    assert wide.grad.dtype == np.float64
    assert net.fc1.weight.grad.dtype == np.float32


def test_forward_hooks_see_and_may_replace_the_output():
    layer = nn.Linear(4, 2, rng=rng())
    seen = []
    first = layer.register_forward_hook(
        lambda m, args, out: seen.append((m, args[0].shape, out.shape))
    )
    second = layer.register_forward_hook(lambda m, args, out: out * 0)
    assert not layer(X).data.any()
    assert seen == [(layer, (5, 4), (5, 2))]
    second.remove()
    first.remove()
    first.remove()
    assert layer(X).data.any()
    assert len(seen) == 1


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(1.0)


def test_errors_name_the_innermost_layer_and_where_the_input_comes_from():
    net = nn.Sequential(
        {"body": nn.Sequential(nn.Linear(4, 3, rng=rng()), nn.Linear(2, 1, rng=rng()))}
    )
    with pytest.raises(ShapeError) as caught:
        net(X)
    text = str(caught.value)
    assert text.startswith(
        "body.1: Linear(2, 1): the last axis must be 2; got input (5, 3)"
    )
    assert "The input comes from body.0" in text
    assert text.count("Linear") == 1


def test_errors_of_users_code_are_left_alone():
    class Odd(nn.Module):
        def forward(self, x):
            raise KeyError("missing")

    with pytest.raises(KeyError) as caught:
        nn.Sequential(Odd())(1.0)
    assert caught.value.args == ("missing",)


# ---- state ---------------------------------------------------------------------------


def test_state_is_a_copy():
    net = Net()
    state = net.state_dict()
    assert "blocks.0.norm.running_mean" in state
    assert list(state)[:2] == ["scale", "fc1.weight"]
    state["scale"][:] = 99
    assert net.scale.data == np.float32(2.0)


def test_loading_restores_everything_and_shares_nothing():
    net, other = Net(), Net()
    net(X)
    net.scale.data = np.array([5.0])
    state = net.state_dict()
    assert other.load_state_dict(state) == ([], [])
    for name, value in other.state_dict().items():
        assert np.array_equal(value, state[name]), name
    state["fc1.weight"][:] = 0
    state["blocks.0.norm.running_mean"][:] = 0
    assert np.array_equal(
        other.state_dict()["fc1.weight"], net.state_dict()["fc1.weight"]
    )
    assert other.blocks[0].norm.running_mean.any()


def test_loading_keeps_the_parameters_themselves():
    net = Net()
    before = list(net.parameters())
    net.load_state_dict(Net().state_dict())
    assert all(a is b for a, b in zip(before, net.parameters(), strict=True))


def test_loading_after_a_forward_pass_is_noticed_by_backward():
    net = Net()
    out = net(X).sum()
    net.load_state_dict(net.state_dict())
    with pytest.raises(InPlaceError):
        out.backward()


def test_I26_all_problems_are_in_one_error_and_nothing_changes():
    net = Net()
    before = net.state_dict()
    state = net.state_dict()
    state["scale"] = np.array([7.0], np.float32)  # would fit
    del state["fc1.bias"]
    state["unknown"] = np.zeros(1)
    state["fc1.weight"] = np.zeros((3, 1), np.float32)  # would broadcast
    state["head.weight"] = state["head.weight"].astype(np.float64)
    with pytest.raises(CheckpointError) as caught:
        net.load_state_dict(state)
    text = str(caught.value)
    for part in (
        "does not fit Net (nothing was loaded)",
        "missing fc1.bias",
        "unexpected unknown",
        "fc1.weight (3, 1) in the state, (3, 4) in the model",
        "head.weight float64 in the state, float32 in the model",
        "cast=True",
    ):
        assert part in text
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, OSError)
    for name, value in net.state_dict().items():
        assert np.array_equal(value, before[name])


def test_I26_without_strict_the_rest_is_loaded_and_reported():
    net = Net()
    report = net.load_state_dict(
        {"scale": np.array([7.0], np.float32), "x": 1}, strict=False
    )
    assert report.unexpected_keys == ["x"]
    assert "fc1.weight" in report.missing_keys
    assert net.scale.data == np.float32(7.0)
    with pytest.raises(CheckpointError, match=r"scale \(2,\) in the state"):
        net.load_state_dict({"scale": np.zeros(2, np.float32)}, strict=False)


def test_I27_another_dtype_is_refused_unless_asked_for():
    layer = nn.Linear(1, 1, bias=False, rng=rng())
    state = {"weight": np.array([[1.0]])}
    with pytest.raises(DTypeError, match="float64 in the state, float32 in the model"):
        layer.load_state_dict(state)
    assert layer.weight.data != 1.0
    layer.load_state_dict(state, cast=True)
    assert layer.weight.data == 1.0
    assert layer.weight.dtype == np.float32


class Tied(nn.Module):
    def __init__(self):
        self.a = nn.Linear(3, 3, rng=rng())
        self.b = nn.Linear(3, 3, rng=np.random.default_rng(1))
        self.b.weight = self.a.weight

    def forward(self, x):
        return self.b(self.a(x))


def test_I25_tied_weights_are_one_parameter_under_two_names():
    net = Tied()
    assert [name for name, _ in net.named_parameters()] == [
        "a.weight",
        "a.bias",
        "b.bias",
    ]
    state = net.state_dict()
    assert list(state) == ["a.weight", "a.bias", "b.weight", "b.bias"]
    for key in ("a.weight", "b.weight"):
        state[key] = np.full((3, 3), 2.0, np.float32)
    net.load_state_dict(state)
    assert net.a.weight is net.b.weight
    assert np.all(net.b.weight.data == 2.0)
    net(np.ones((1, 3))).sum().backward()
    alone = Tensor(net.a.weight.data)
    x = np.ones((1, 3), np.float32)
    ag.linear(
        ag.linear(x, alone, net.a.bias.detach()), alone, net.b.bias.detach()
    ).sum().backward()
    assert np.allclose(net.a.weight.grad, alone.grad)  # one gradient, from both uses
    assert net.to(np.float64).a.weight is net.b.weight
    twin = copy.deepcopy(net)
    assert twin.a.weight is twin.b.weight
    assert twin.a.weight is not net.a.weight


def test_I25_a_state_that_tears_a_tie_is_refused():
    net = Tied()
    state = net.state_dict()
    state["b.weight"] += 1
    with pytest.raises(
        CheckpointError, match=r"a\.weight and b\.weight are one tensor but differ"
    ):
        net.load_state_dict(state)


def test_a_shared_module_is_counted_once_and_saved_twice():
    layer = nn.Linear(2, 2, rng=rng())
    net = nn.Sequential(layer, nn.ReLU(), layer)
    assert len(list(net.parameters())) == 2
    assert len(list(net.modules())) == 3
    assert [path for path, _ in net.named_modules(remove_duplicate=False)] == [
        "",
        "0",
        "1",
        "2",
    ]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert layer.path == "0"
    assert net[2].weight.name == "0.weight"


def test_a_module_that_refers_to_its_parent_does_not_loop():
    net = nn.Sequential(nn.Linear(2, 2, rng=rng()))
    net[0].parent = net
    assert len(list(net.modules())) == 2
    assert list(net.state_dict()) == ["0.weight", "0.bias"]


def test_buffers():
    net = Net()
    net.register_buffer("seen", np.zeros(2))
    net.register_buffer("scratch", np.zeros(2), persistent=False)
    net.register_buffer("nothing", None)
    names = [name for name, _ in net.named_buffers()]
    assert names[:2] == ["seen", "scratch"]
    assert "blocks.1.norm.num_batches_tracked" in names
    assert len(list(net.buffers())) == len(names)
    assert "seen" in net.state_dict()
    assert "scratch" not in net.state_dict()


# ---- switches ------------------------------------------------------------------------


def test_train_and_eval_reach_every_module():
    net = Net()
    assert net.training
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    net.train()
    assert all(module.training for module in net.modules())


def test_zero_grad_and_requires_grad():
    net = Net()
    net(X).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    net.requires_grad_(False)
    assert not net(X).requires_grad
    assert len(list(net.parameters())) == 10 + 2
    net.requires_grad_(True)
    assert net(X).requires_grad


def test_to_converts_parameters_gradients_and_buffers():
    net = Net()
    net(X).sum().backward()
    net.to(np.float64)
    assert all(p.dtype == p.grad.dtype == np.float64 for p in net.parameters())
    assert net.blocks[0].norm.running_mean.dtype == np.float64
    assert net.blocks[0].norm.num_batches_tracked.dtype == np.int64
    assert net.fc1.weight.name == "fc1.weight"
    with pytest.raises(DTypeError, match="dtype must be floating point, got int32"):
        net.to(np.int32)


def test_apply_visits_children_first():
    order = []
    net = Net()
    assert net.apply(lambda module: order.append(module.path)) is net
    assert order[0] == "fc1"
    assert order[-1] == ""
    assert order.index("blocks.0.fc") < order.index("blocks.0") < order.index("blocks")


def test_deepcopy_is_independent():
    net = Net()
    twin = copy.deepcopy(net)
    twin.scale.data = np.array([9.0])
    assert net.scale.data == np.float32(2.0)
    assert [p.name for p in twin.parameters()] == [p.name for p in net.parameters()]
    assert np.array_equal(twin.fc1.weight.data, net.fc1.weight.data)


# ---- mistakes ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [list, tuple])
def test_I24_layers_in_a_plain_list_are_refused(kind):
    class Wrong(nn.Module):
        def __init__(self):
            self.layers = kind([nn.Linear(2, 2, rng=rng())])

    with pytest.raises(TypeError) as caught:
        Wrong()
    assert f"self.layers = [Linear, ...]: layers in a plain {kind.__name__}" in str(
        caught.value
    )
    assert "Use nn.ModuleList([...])" in str(caught.value)


def test_I24_also_in_a_dict_a_nested_list_and_of_parameters():
    net = nn.Module()
    with pytest.raises(TypeError, match=r"Use nn\.ModuleDict\(\{\.\.\.\}\)"):
        net.layers = {"a": nn.ReLU()}
    with pytest.raises(TypeError, match=r"Use nn\.ModuleList"):
        net.layers = [[nn.ReLU()]]
    with pytest.raises(
        TypeError, match=r"parameters in a plain list .* Use nn\.ParameterList"
    ):
        net.weights = [nn.Parameter([1.0])]
    net.sizes = [1, 2, 3]
    net.history = [Tensor([1.0]) * 2]
    assert not hasattr(net, "layers")


def test_I24_a_list_that_is_filled_later_is_found_when_it_is_used():
    net = nn.Module()
    net.layers = []
    net.layers.append(nn.Linear(2, 2, rng=rng()))
    for use in (net.parameters, net.modules, net.state_dict):
        with pytest.raises(TypeError, match="are not trained or saved"):
            list(use())


LAYERS_THAT_DRAW = {
    "Linear": (2, 2),
    "Bilinear": (2, 2, 2),
    "Conv1d": (1, 1, 1),
    "Conv2d": (1, 1, 1),
    "ConvTranspose1d": (1, 1, 1),
    "ConvTranspose2d": (1, 1, 1),
    "Embedding": (2, 2),
    "RNN": (2, 2),
    "LSTM": (2, 2),
    "GRU": (2, 2),
    "RNNCell": (2, 2),
    "LSTMCell": (2, 2),
    "GRUCell": (2, 2),
    "MultiheadAttention": (2, 1),
    "TransformerEncoderLayer": (2, 1),
    "LearnedPositionalEncoding": (2, 2),
    "Dropout": (),
    "Dropout2d": (),
    "AlphaDropout": (),
}


@pytest.mark.parametrize("bad", [None, 0], ids=["none", "seed"])
@pytest.mark.parametrize("name", LAYERS_THAT_DRAW)
def test_layers_that_draw_need_a_generator_and_say_how(name, bad):
    with pytest.raises(TypeError) as caught:
        getattr(nn, name)(*LAYERS_THAT_DRAW[name], rng=bad)
    assert f"{name}: it needs random numbers, but got rng={bad}" in str(caught.value)
    assert "numpy.random.default_rng(0)" in str(caught.value)


def test_the_same_generator_gives_the_same_network():
    a, b = Net().state_dict(), Net().state_dict()
    assert all(np.array_equal(a[name], b[name]) for name in a)


def test_repr_is_a_tree():
    assert repr(Net()) == (
        "Net(\n"
        "  (fc1): Linear(4, 3)\n"
        "  (blocks): ModuleList(\n"
        "    (0): Block(\n"
        "      (fc): Linear(3, 3)\n"
        "      (norm): BatchNorm1d(3)\n"
        "    )\n"
        "    (1): Block(\n"
        "      (fc): Linear(3, 3)\n"
        "      (norm): BatchNorm1d(3)\n"
        "    )\n"
        "  )\n"
        "  (head): Linear(3, 2, bias=False)\n"
        ")"
    )


def test_a_long_list_of_data_costs_nothing():
    net = Net()
    net.losses = [0.0] * 1_000_000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(net.parameters())) == 12
