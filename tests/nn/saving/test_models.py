"""`nn.save` and `nn.load`: a model that is built again computes the same bits."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import CheckpointError, DTypeError, Tensor
from nn.saving import read_state, read_weights, write_state
from nn.saving.architecture import built_in_classes
from tests.nn.cases import CASES, build, flat, inputs

ROOT = Path(__file__).resolve().parents[3]
RNG = np.random.default_rng


def described(value):
    """Return everything that can be seen of a model, as plain values."""
    if isinstance(value, nn.Module):
        kept = {k: v for k, v in vars(value).items() if k not in ("_hooks", "_label")}
        return type(value), {k: described(v) for k, v in kept.items()}
    if isinstance(value, Tensor):
        data = np.asarray(value.data)
        return value.name, value.requires_grad, described(data)
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.tobytes()
    if isinstance(value, np.random.Generator):
        return described(value.bit_generator.state)
    if isinstance(value, dict):
        return {k: described(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [described(v) for v in value]
    if type(value).__module__ == "nn.cells":
        return type(value), described(vars(value))
    return type(value), value


def loaded(model, path):
    nn.save(model, path)
    again = nn.load(path)
    assert described(again) == described(model)
    assert repr(again) == repr(model)
    return again


def bits(result):
    return [np.asarray(getattr(x, "data", x)).tobytes() for x in flat(result)]


@pytest.mark.parametrize("label", CASES)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_every_layer_is_built_again(tmp_path, label, training):
    case = CASES[label]
    model = build(case, np.float64 if training else np.float32).train(training)
    again = loaded(model, tmp_path / "a")
    args = inputs(case, np.float64 if training else np.float32)
    assert bits(again(*args)) == bits(model(*args))
    assert bits(again(*args)) == bits(model(*args))  # running statistics as well


def others():
    """Return layers that have no case, or settings that no case has."""
    rng = RNG(0)
    encoder = nn.TransformerEncoderLayer(4, 2, 8, 0.5, rng=rng)
    weight = np.array([1.0, 2.0])
    made = [
        *(nn.Dropout(0.3, rng=rng), nn.Dropout2d(0.4, rng=rng), nn.Identity()),
        *(nn.AlphaDropout(0.5, rng=rng), nn.Embedding(5, 3, 0, rng=rng), nn.ReLU6()),
        *(nn.LSTM(2, 3, 2, dropout=0.5, rng=rng), nn.GRU(2, 3, rng=rng)),
        *(nn.SinusoidalPositionalEncoding(4), nn.CELU(), nn.Hardsigmoid()),
        *(nn.LearnedPositionalEncoding(4, 6, rng=rng), nn.ModuleDict(), nn.Module()),
        *(nn.TransformerEncoder(encoder, 2, nn.LayerNorm(4)), nn.ModuleList()),
        *(nn.ParameterList([nn.Parameter([1.0])]), nn.Sequential()),
        *(nn.CrossEntropyLoss(weight, ignore_index=-1), nn.NLLLoss(weight)),
        *(
            nn.BCELoss(weight),
            nn.BCEWithLogitsLoss(weight, pos_weight=weight),
            nn.HingeLoss(),
        ),
        nn.TransformerEncoderLayer(4, 2, 8, 0.5, np.tanh, rng=rng),
        nn.TransformerEncoderLayer(4, 2, 8, 0.5, nn.functional.softplus, rng=rng),
        *(nn.CosineEmbeddingLoss(), nn.GaussianNLLLoss(), nn.HuberLoss()),
        *(nn.KLDivLoss(), nn.L1Loss(), nn.MSELoss("sum"), nn.MultiMarginLoss()),
        *(nn.PoissonNLLLoss(), nn.SmoothL1Loss(), nn.TripletMarginLoss()),
    ]
    return {f"{k} {type(x).__name__}": x for k, x in enumerate(made)}


OTHERS = others()


@pytest.mark.parametrize("name", OTHERS)
def test_other_layers_are_built_again(tmp_path, name):
    loaded(OTHERS[name], tmp_path / "a")


def test_no_public_layer_was_forgotten():
    public = {
        name
        for name, cls in vars(nn).items()
        if isinstance(cls, type) and issubclass(cls, nn.Module)
    }
    shown = {case.name for case in CASES.values()}
    shown |= {type(x).__name__ for x in OTHERS.values()}
    assert public - shown == set()
    assert public <= built_in_classes().keys()


# ---- what belongs to a model -----------------------------------------------------


def test_settings_that_were_changed_after_construction(tmp_path):
    rng = RNG(0)
    model = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Dropout(0.5, rng=rng))
    model[1].p = 0.25
    model.append(nn.BatchNorm1d(4))
    model[2].eval()
    model[0].weight.requires_grad = False
    model[0].bias = None
    model[0].register_buffer("mean", np.ones(3))
    model[0].note = {"made": ("by", ["hand"]), "scale": np.float32(2)}
    model.extra = nn.ModuleList([nn.Identity()])
    again = loaded(model, tmp_path / "a")
    assert again[1].p == 0.25
    assert [module.training for module in again[:3]] == [True, True, False]
    assert next(again.named_buffers())[0] == "0.mean"
    assert again.extra.path == "extra"
    assert again[0].note["made"] == ("by", ["hand"])


def test_parameters_keep_names_dtype_and_frozen_ones_stay_frozen(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2, rng=RNG(0)), nn.Linear(2, 1, rng=RNG(1)))
    model.to(np.float64)
    model[0].weight.name = "W"
    model[1].requires_grad_(False)
    again = loaded(model, tmp_path / "a")
    names = [parameter.name for parameter in again.parameters()]
    assert names == ["W", "0.bias", "1.weight", "1.bias"]
    assert [p.requires_grad for p in again.parameters()] == [True, True, False, False]
    assert {p.dtype for p in again.parameters()} == {np.dtype(np.float64)}


def test_I25_ties_are_there_again(tmp_path):
    rng = RNG(0)
    model = nn.Sequential(nn.Embedding(5, 3, rng=rng), nn.Linear(3, 5, rng=rng))
    model[1].weight = model[0].weight
    again = loaded(model, tmp_path / "a")
    assert again[1].weight is again[0].weight
    assert len(list(again.parameters())) == 2
    again[0].weight.data += 1.0
    assert np.array_equal(again[1].weight.data, again[0].weight.data)
    state = read_weights(tmp_path / "a")
    assert list(state) == ["0.weight", "1.weight", "1.bias"]
    assert list(nn.load(tmp_path / "a").state_dict()) == list(state)
    stored = read_state(tmp_path / "a")["architecture"]["tensors"]
    assert list(stored) == ["0.weight", "1.bias"]  # once


def test_a_module_in_two_places_is_one_module(tmp_path):
    layer = nn.Linear(2, 2, rng=RNG(0))
    again = loaded(nn.Sequential(layer, nn.Tanh(), layer), tmp_path / "a")
    assert again[0] is again[2]
    assert len(list(again.modules())) == 3


def test_a_generator_of_two_layers_is_one_generator(tmp_path):
    shared, own = RNG(0), np.random.Generator(np.random.MT19937(5))
    model = nn.Sequential(
        nn.Dropout(0.5, rng=shared), nn.Dropout(0.5, rng=own), nn.Dropout(rng=shared)
    )
    model(np.ones(100))
    again = loaded(model, tmp_path / "a")
    assert again[0].rng is again[2].rng
    assert again[0].rng is not again[1].rng
    for _ in range(3):
        assert bits(again(np.ones(100))) == bits(model(np.ones(100)))
    children = [net[0].rng.spawn(1)[0].random() for net in (model, again)]
    assert children[0] == children[1]


def test_loading_draws_nothing_and_the_model_trains_on(tmp_path):
    rng = RNG(0)
    model = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.BatchNorm1d(4), nn.ReLU())
    again = loaded(model, tmp_path / "a")
    x = RNG(1).random((5, 3))
    for net in (model, again):
        (net(x) ** 2).sum().backward()
    for mine, its in zip(model.parameters(), again.parameters(), strict=True):
        assert np.array_equal(mine.grad, its.grad)
    again.register_forward_hook(lambda *args: None)
    assert [module.path for module in again.modules()] == ["", "0", "1", "2"]


def test_a_deep_and_wide_model(tmp_path):
    model = nn.Sequential()
    for _ in range(60):
        model = nn.Sequential(model, nn.Tanh())
    for _ in range(300):
        model.append(nn.ReLU())
    assert bits(loaded(model, tmp_path / "a")(np.ones(3))) == bits(model(np.ones(3)))


def test_another_process_builds_it(tmp_path):
    rng = RNG(0)
    model = nn.Sequential(nn.LSTM(3, 4, rng=rng))
    nn.save(model, tmp_path / "a")
    code = (
        "import sys, nn, numpy as np; out, _ = nn.load(sys.argv[1])(np.ones((5, 3)));"
        "print(out.data.tobytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == model(np.ones((5, 3)))[0].data.tobytes().hex()


# ---- what does not ---------------------------------------------------------------


class Net(nn.Module):
    """A class of the user's."""

    def __init__(self, rng):
        self.fc = nn.Linear(2, 1, rng=rng)

    def forward(self, x):
        return self.fc(x)


class Linear(nn.Linear):
    """One that has the name of ours."""


def pass_on(x):
    return x


def with_hook():
    layer = nn.Identity()
    layer.register_forward_hook(lambda *args: None)
    return nn.Sequential(layer)


def with_attribute(value):
    layer = nn.Identity()
    layer.odd = value
    return nn.Sequential(layer)


class Bits(np.random.PCG64):
    """A bit generator of the user's."""


REFUSED = {
    "own class": (lambda: Net(RNG(0)), ["the model is a Net", "save_weights"]),
    "inside": (lambda: nn.Sequential(Net(RNG(0))), ["0 is a Net", "load_weights"]),
    "own Linear": (lambda: Linear(2, 1, rng=RNG(0)), ["a Linear", "save_weights"]),
    "hook": (with_hook, ["0, a Identity, has forward hooks", "remove()"]),
    "function": (
        lambda: nn.TransformerEncoderLayer(2, 1, 2, 0.0, pass_on, rng=RNG(0)),
        ["activation = <function pass_on", "save_weights"],
    ),
    "forward": (lambda: with_attribute(pass_on), ["0.odd = <function pass_on"]),
    "set": (lambda: with_attribute({1}), ["0.odd = {1} is a set"]),
    "in a list": (lambda: with_attribute([1, {1}]), ["0.odd.1 = {1} is a set"]),
    "result": (lambda: with_attribute(Tensor(1.0) * 2), ["0.odd = ", "Tensor"]),
    "complex": (lambda: with_attribute(np.zeros(1, complex)), ["odd", "complex128"]),
    "keys": (lambda: with_attribute({1: 2}), ["odd", "the key 1"]),
    "bit generator": (
        lambda: nn.Dropout(rng=np.random.Generator(Bits(0))),
        ["rng draws from a Bits", "PCG64"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_built_again_is_refused_and_nothing_changes(tmp_path, name):
    make, parts = REFUSED[name]
    write_state(tmp_path / "a", 1)
    with pytest.raises(DTypeError) as caught:
        nn.save(make(), tmp_path / "a")
    for part in parts:
        assert part in str(caught.value)
    assert read_state(tmp_path / "a") == 1


def test_the_model_comes_first(tmp_path):
    for function in (nn.save, nn.save_weights, nn.load_weights):
        with pytest.raises(TypeError, match="The model comes first"):
            function(tmp_path / "a", nn.Identity())
    assert not list(tmp_path.iterdir())


def altered(path, change):
    """Write a model's file with another content and correct digests."""
    nn.save(nn.Sequential(nn.Dropout(rng=RNG(0)), nn.Linear(2, 1, rng=RNG(0))), path)
    state = read_state(path)
    change(state["architecture"])
    write_state(path, state, previous=False)


def set_class(name):
    return lambda a: a["modules"][1].__setitem__("class", name)


def set_attribute(value):
    return lambda a: a["modules"][1]["attributes"].__setitem__("p", value)


HOSTILE = {
    "own": set_class("Net"),
    "dotted": set_class("os.system"),
    "private": set_class("_Describer"),
    "no text": set_class(3),
    "a list": set_class([]),
    "object": set_attribute({"object": "Popen", "attributes": {}}),
    "os.system": set_attribute({"function": "os.system"}),
    "eval": set_attribute({"function": "builtins.eval"}),
    "numpy.load": set_attribute({"function": "numpy.load"}),
    "dtype": set_attribute({"dtype": "O8, eval"}),
    "kind": set_attribute({"pickle": "x"}),
    "empty": set_attribute({}),
    "module": set_attribute({"module": 99}),
    "generator": set_attribute({"generator": "x"}),
    "no modules": lambda a: a.update(modules=[]),
    "no tensors": lambda a: a.pop("tensors"),
    "integer leaf": lambda a: a["tensors"]["1.bias"].update(data=np.zeros(1, int)),
    "bits": lambda a: a["generators"][0]["state"].update(bit_generator="Generator"),
    "state": lambda a: a["generators"][0]["state"].update(state={}),
    "seed": lambda a: a["generators"][0].update(seed={"entropy": "x"}),
    "attributes": lambda a: a["modules"][0].update(attributes=[1]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_descriptions_can_only_name_what_is_built_in(tmp_path, name):
    altered(tmp_path / "a", lambda architecture: None)
    nn.load(tmp_path / "a")
    altered(tmp_path / "a", HOSTILE[name])
    with pytest.raises(CheckpointError) as caught:
        nn.load(tmp_path / "a")
    assert str(tmp_path / "a") in str(caught.value)


def test_a_class_that_is_gone_leaves_the_weights(tmp_path):
    altered(tmp_path / "a", set_class("NoLongerThere"))
    with pytest.raises(CheckpointError, match=r"holds a NoLongerThere.*load_weights"):
        nn.load(tmp_path / "a")
    assert list(read_weights(tmp_path / "a")) == ["1.weight", "1.bias"]
    again = nn.Sequential(nn.Identity(), nn.Linear(2, 1, rng=RNG(9)))
    nn.load_weights(again, tmp_path / "a")
    assert np.array_equal(
        again[1].weight.data, read_weights(tmp_path / "a")["1.weight"]
    )


def test_files_of_another_kind_say_what_to_do(tmp_path):
    nn.save_weights(Net(RNG(0)), tmp_path / "weights")
    with pytest.raises(CheckpointError, match=r"holds no architecture.*load_weights"):
        nn.load(tmp_path / "weights")
    write_state(tmp_path / "state", {"epoch": 3})
    with pytest.raises(CheckpointError, match=r"more than weights.*read_state"):
        read_weights(tmp_path / "state")
    for reader in (nn.load, read_weights):
        write_state(tmp_path / "list", [1])
        with pytest.raises(CheckpointError):
            reader(tmp_path / "list")
