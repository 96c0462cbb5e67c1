"""What a recording cannot hold is never replayed: a warning, and eager results."""

import functools
import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor

RNG = np.random.default_rng(0)
SCALE = 2.0


def make_x(seed=0):
    return Tensor(np.random.default_rng(seed).standard_normal((3, 4)))


def is_compiled(t):
    return t.op is not None and t.op.name == "compiled"


def assert_falls_back(function, message, make_arguments=lambda k: [make_x(k)]):
    """Require one warning, and eager values and gradients in every call."""
    compiled = ag.compile(function)

    def step(k):
        ours, right = make_arguments(k), make_arguments(k)
        a, b = compiled(*ours), function(*right)
        assert not is_compiled(a)
        np.testing.assert_array_equal(a.data, b.data)
        a.sum().backward()
        b.sum().backward()
        for x, y in zip(ours, right, strict=True):
            np.testing.assert_array_equal(x.grad, y.grad)

    with pytest.warns(UserWarning, match=message) as caught:
        step(0)
    step(1)  # without a warning
    step(2)
    assert len(caught) == 1
    assert caught[0].filename == __file__


# ---- values that leave the graph -----------------------------------------------------


def branch(x):
    return x.sum() if x.sum() > 1e9 else (2 * x).sum()


def test_control_flow_on_a_value_names_the_line():
    line = branch.__code__.co_firstlineno + 1
    assert_falls_back(branch, f"greater|value of sum is read at test_guards.py:{line}")


WAYS_OUT = {
    "bool": lambda x: x.sum() * (2.0 if bool(x[0, 0]) else 1.0),
    "compare": lambda x: (x * (x > 0)).sum(),
    "item": lambda x: x.sum() * x[0, 0].item(),
    "data": lambda x: (x * x.data).sum(),
    "detach": lambda x: (x * x.detach()).sum(),
    "argmax": lambda x: x[np.argmax(x.sum(axis=1))].sum(),
    "isnan": lambda x: np.where(np.isnan(x), 0.0, x).sum(),
    "sort": lambda x: (np.sort(x) * np.arange(4.0)).sum(),
}


@pytest.mark.parametrize("name", WAYS_OUT)
def test_values_that_leave_the_graph(name):
    assert_falls_back(WAYS_OUT[name], "is read|detach")


def test_no_grad_inside():
    def function(x):
        with ag.no_grad():
            scale = x * 3
        return (x * scale).sum()

    assert_falls_back(function, "no_grad")


def test_computing_with_indices_outside_of_the_graph():
    table = make_x()

    def function(rows):
        return (np.eye(3)[rows] @ table).sum()

    compiled = ag.compile(function)
    for k in range(3):
        rows = np.random.default_rng(k).integers(0, 3, 5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = compiled(rows)
        np.testing.assert_array_equal(found.data, function(rows).data)


INTEGERS = {
    "argmax": lambda y, W: W[0] if y.argmax() else W[1],
    "max": lambda y, W: W.sum(axis=1) * (2.0 if y.max() > 99 else 1.0),
    "np.bincount": lambda y, W: (W[:, :3] * np.bincount(y, minlength=3)).sum(axis=1),
    "loop": lambda y, W: sum(W[k] for k in y),
    "int": lambda y, W: W[int(y[0])],
    "comparison": lambda y, W: W[:, :3] * (y == 1)[:3],
    "tolist": lambda y, W: W[y.tolist()],
    "astype": lambda y, W: W[y.astype(np.int32)],
    "sorted": lambda y, W: W[np.sort(y)],
}


@pytest.mark.parametrize("name", INTEGERS)
def test_computing_with_integers(name):
    """It becomes part of the graph, or the function runs eagerly: never stale."""
    W, function = make_x(), INTEGERS[name]
    compiled = ag.compile(lambda y: (function(y, W) ** 2).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in range(6):
            y = np.random.default_rng(k).integers(0, 3, 5)
            expected = (function(y, W.data) ** 2).sum()
            np.testing.assert_allclose(compiled(y).data, expected)


def test_mask_made_of_an_array_argument():
    W = make_x()
    Y, Z = np.random.default_rng(1).standard_normal((2, 3, 4))

    @ag.compile
    def function(Y):
        return (W * np.where(Y > 0, 1.0, 0.0)).sum()

    with pytest.warns(UserWarning, match="is read"):
        assert function(Y).data == function.function(Y).data
    assert function(Z).data == function.function(Z).data


# ---- random numbers and side effects -------------------------------------------------


def test_random_numbers():
    def function(x):
        return ag.dropout(x, 0.5, rng=RNG).sum()

    compiled = ag.compile(function)
    state = RNG.bit_generator.state
    with pytest.warns(UserWarning, match="random"):
        first = compiled(make_x()).data
    second = compiled(make_x()).data
    RNG.bit_generator.state = state
    assert [first, second] == [function(make_x()).data for _ in range(2)]


def test_legacy_random_numbers():
    compiled = ag.compile(lambda x: (x * np.random.rand(3, 4)).sum())  # noqa: NPY002
    with pytest.warns(UserWarning, match="random"):
        a = compiled(make_x()).data
    assert a != compiled(make_x()).data


def test_a_model_in_both_modes():
    class Net(nn.Module):
        def __init__(self):
            rng = np.random.default_rng(0)
            self.fc = nn.Linear(4, 2, rng=rng)
            self.drop = nn.Dropout(0.5, rng=rng)

        def forward(self, x):
            return self.drop(self.fc(x))

    net = Net()
    loss = ag.compile(lambda x: net(x).sum())
    x = make_x().data
    net.eval()
    expected = net(x).sum().data
    assert is_compiled(loss(x))
    net.train()
    with pytest.warns(UserWarning, match="random"):
        assert not is_compiled(loss(x))
    net.eval()
    assert is_compiled(loss(x))
    assert loss(x).data == expected


def test_running_statistics_are_updated_once_a_call():
    ours, right = nn.BatchNorm1d(4), nn.BatchNorm1d(4)
    compiled = ag.compile(lambda x: ours(x).sum())
    first, second = (make_x(k).data.astype(np.float32) for k in range(2))
    with pytest.warns(UserWarning, match="changes|read"):
        compiled(first)
    compiled(second)
    right(first)
    right(second)
    for key, value in right.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[key], value)


def test_batch_normalization_in_eval_is_compiled():
    layer = nn.BatchNorm1d(4)
    layer(make_x().data.astype(np.float32))
    layer.eval()
    compiled = ag.compile(lambda x: (layer(x) ** 2).sum())
    for k in range(2):
        x = make_x(k).data.astype(np.float32)
        found = compiled(x)
        assert is_compiled(found)
        np.testing.assert_allclose(found.data, (layer(x) ** 2).sum().data, rtol=1e-6)


def test_a_counter_is_a_side_effect():
    calls = []

    def function(x):
        calls.append(1)
        return x.sum()

    compiled = ag.compile(function)
    with pytest.warns(UserWarning, match="changes something"):
        compiled(make_x())
    assert len(calls) == 1
    compiled(make_x())
    assert len(calls) == 2


# ---- what a plan is good for ---------------------------------------------------------


def test_numbers_are_part_of_the_key():
    compiled = ag.compile(lambda x, k, power=2: (k * x**power).sum())
    x = make_x()
    for k, power in ((2, 2), (3, 2), (3.0, 3), (-1, 2)):
        found = compiled(x, k, power=power)
        assert is_compiled(found)
        np.testing.assert_allclose(found.data, (k * x.data**power).sum())


def test_structure_shapes_and_dtypes_are_part_of_the_key():
    compiled = ag.compile(lambda p: sum(x.sum() for x in p["all"]))
    for values in (
        [np.ones(3)],
        [np.ones(3), np.ones((2, 2))],
        [np.ones(3, np.float32)],
        [np.ones(4)],
    ):
        found = compiled({"all": [Tensor(x) for x in values]})
        assert is_compiled(found)
        assert found.dtype == values[0].dtype
        assert found.data == sum(x.size for x in values)


def test_requires_grad_is_part_of_the_key():
    compiled = ag.compile(lambda x, y: (x * y).sum())
    x, y = make_x(), make_x(1)
    compiled(x, y).backward()
    assert y.grad is not None
    y.zero_grad()
    y.requires_grad = False
    compiled(x, y).backward()
    assert y.grad is None
    x.requires_grad = False
    assert not compiled(x, y).requires_grad


def test_captured_tensors_that_are_switched_or_rebound():
    holder = {"W": make_x(), "data": np.ones((3, 4))}
    compiled = ag.compile(lambda: (holder["W"] * holder["data"]).sum())
    assert compiled().data == holder["W"].data.sum()
    holder["W"] = make_x(1)
    assert compiled().data == holder["W"].data.sum()
    holder["data"] = np.full((3, 4), 2.0)
    assert compiled().data == 2 * holder["W"].data.sum()
    holder["W"].requires_grad = False
    with pytest.warns(UserWarning, match="no recorded operation"):
        assert not compiled().requires_grad


def test_captured_cells_and_globals(monkeypatch):
    factor = 3.0

    def function(x):
        return (SCALE * factor * x).sum()

    compiled, x = ag.compile(function), make_x()
    total = x.data.sum()
    np.testing.assert_allclose(compiled(x).data, 6 * total)
    factor = 5.0
    np.testing.assert_allclose(compiled(x).data, 10 * total)
    monkeypatch.setitem(globals(), "SCALE", 1.0)
    np.testing.assert_allclose(compiled(x).data, 5 * total)


def test_attributes_of_self_and_of_static_arguments():
    class Scaled:
        def __init__(self, factor):
            self.factor = factor

        def loss(self, x):
            return (self.factor * x).sum()

    scaled, x = Scaled(2.0), make_x()
    method = ag.compile(scaled.loss)
    by_argument = ag.compile(Scaled.loss)
    partial = ag.compile(functools.partial(Scaled.loss, scaled))
    for factor in (2.0, 7.0):
        scaled.factor = factor
        for found in (method(x), by_argument(scaled, x), partial(x)):
            assert is_compiled(found)
            np.testing.assert_allclose(found.data, factor * x.data.sum())


class Slots:
    __slots__ = ("factor",)

    def __init__(self):
        self.factor = 2.0


class Settings:
    factor = 2.0


def _times(x, factor=2.0):
    return (x * factor).sum()


def test_attributes_without_a_dict():
    settings = Slots()
    compiled = ag.compile(lambda x: (x * settings.factor).sum())
    for settings.factor in (2.0, 3.0, 2.0):
        assert compiled(Tensor(np.ones(3))).data == 3 * settings.factor


def test_attributes_of_classes(monkeypatch):
    compiled = ag.compile(lambda x: (x * Settings.factor).sum())
    for factor in (2.0, 3.0):
        monkeypatch.setattr(Settings, "factor", factor)
        assert compiled(Tensor(np.ones(3))).data == 3 * factor
    assert compiled(Tensor(np.ones(3))).op.name == "compiled"


def test_attributes_of_the_class_of_a_model(monkeypatch):
    class Scaled(nn.Module):
        factor = 2.0

        def forward(self, x):
            return (x * self.factor).sum()

    compiled = ag.compile(Scaled())
    assert compiled(Tensor(np.ones(3))).data == 6.0
    Scaled.factor = 3.0
    assert compiled(Tensor(np.ones(3))).data == 9.0
    Scaled.forward = lambda self, x: x.sum()  # as when a notebook reloads a file
    assert compiled(Tensor(np.ones(3))).data == 3.0


def test_global_variables_behind_properties_and_static_methods(monkeypatch):
    class Settings:
        @property
        def factor(self):
            return SCALE

        @staticmethod
        def times(x):
            return x * SCALE

    settings = Settings()
    compiled = ag.compile(lambda x: settings.times(x * settings.factor).sum())
    for factor in (2.0, 3.0):
        monkeypatch.setitem(globals(), "SCALE", factor)
        assert compiled(Tensor(np.ones(3))).data == 3 * factor**2


def test_a_function_that_is_rewritten(monkeypatch):
    compiled = ag.compile(lambda x: _times(x))
    assert compiled(Tensor(np.ones(3))).data == 6.0
    monkeypatch.setattr(_times, "__defaults__", (3.0,))
    assert compiled(Tensor(np.ones(3))).data == 9.0
    monkeypatch.setattr(_times, "__code__", (lambda x, factor: x.sum()).__code__)
    assert compiled(Tensor(np.ones(3))).data == 3.0


@pytest.mark.parametrize("holder", [Settings, _times])
def test_counters_of_classes_and_functions_are_side_effects(holder):
    holder.calls = 0

    def count(x):
        holder.calls += 1
        return x.sum()

    compiled = ag.compile(count)
    with pytest.warns(UserWarning, match="changes something beside its result"):
        compiled(Tensor(np.ones(3)))
    assert holder.calls == 1  # what trying it out has changed is put back
    compiled(Tensor(np.ones(3)))
    assert holder.calls == 2
    del holder.calls


def test_too_many_shapes():
    compiled = ag.compile(lambda x: (x * x).sum())
    for n in range(1, 17):
        assert compiled(Tensor(np.full(n, 2.0))).data == 4 * n
    with pytest.warns(UserWarning, match="more than 16"):
        assert compiled(Tensor(np.full(17, 2.0))).data == 68
    assert compiled(Tensor(np.full(18, 2.0))).data == 72  # without a warning
    assert is_compiled(compiled(Tensor(np.ones(3))))
    assert not is_compiled(compiled(Tensor(np.ones(19))))


def test_what_is_no_single_tensor():
    compiled = ag.compile(lambda x: (x.sum(), x))
    with pytest.warns(UserWarning, match="returns tuple"):
        total, _ = compiled(make_x())
    assert total.op.name == "sum"


def test_invalid_labels_are_reported_as_in_eager():
    W = make_x()
    loss = ag.compile(lambda y: ag.cross_entropy(W, y))
    loss(np.array([0, 1, 2]))
    assert is_compiled(loss(np.array([3, 1, 2])))
    for wrong in ([0, 1, 4], [0, 1, -1]):
        with pytest.raises(ag.OutOfRangeError, match="cross_entropy"):
            loss(np.array(wrong))
    rows = ag.compile(lambda i: ag.embedding(i, W).sum())
    rows(np.array([0, 1]))
    for wrong in ([0, 3], [0, -1]):
        with pytest.raises(ag.OutOfRangeError, match="embedding"):
            rows(np.array(wrong))


def test_errors_of_the_function_come_out_as_they_are():
    def function(x, y):
        return (x @ y).sum()

    compiled, x = ag.compile(function), make_x()
    with pytest.raises(ag.ShapeError):
        compiled(x, make_x())
    assert x.grad is None
    assert is_compiled(compiled(x, Tensor(np.ones((4, 2)))))


def test_an_error_while_recording_leaves_everything_as_it_was():
    model = nn.Linear(4, 2, rng=np.random.default_rng(0))
    before = {name: value.copy() for name, value in model.state_dict().items()}
    seen = []

    @ag.compile
    def function(x):
        seen.append(1)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        function(model.weight)
    assert not seen
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    x = make_x()
    assert not (x > 1e9).any()  # the ways out of a tensor are open again
