"""`source`: the generated text is what a person would write, and is right."""

import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import PRIMITIVES, Tensor, check_backward, gelu, softmax, source
from autograd.errors import GradientError, ShapeError
from autograd.graph_order import inputs_first
from demos.article import compute_cost, forward_propagation, initialize_parameters

ARTICLE = """\
import numpy as np


def forward(parameters, X, Y):
    W1, b1, W2 = parameters["W1"], parameters["b1"], parameters["W2"]
    b2 = parameters["b2"]
    Z1 = np.dot(W1, X) + b1  # (4, 5)
    A1 = 1 / (1 + np.exp(-Z1))  # (4, 5)
    Z2 = np.dot(W2, A1) + b2  # (1, 5)
    A2 = 1 / (1 + np.exp(-Z2))  # (1, 5)
    cost = -np.sum(np.log(A2) * Y + np.log(1 - A2) * (1 - Y)) / 5
    return cost, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def backward(parameters, cache, X, Y):
    W2 = parameters["W2"]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = (A2 - Y) / 5  # (1, 5)
    db2 = np.sum(dZ2, axis=1, keepdims=True)  # (1, 1)
    dW2 = dZ2 @ A1.T  # (1, 4)
    dA1 = W2.T @ dZ2  # (4, 5)
    dZ1 = dA1 * A1 * (1 - A1)  # (4, 5)
    db1 = np.sum(dZ1, axis=1, keepdims=True)  # (4, 1)
    dW1 = dZ1 @ X.T  # (4, 3)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
"""


def article(seed=0, n_x=3, n_h=4, m=5):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((n_x, m)), rng.integers(0, 2, (1, m))
    arrays = initialize_parameters(n_x, n_h, 1, rng=rng)
    parameters = {name: Tensor(value * 50, name=name) for name, value in arrays.items()}
    A2, cache = forward_propagation(X, parameters)
    cost = compute_cost(A2, Y)
    return cost, parameters, {"parameters": parameters, "cache": cache, "X": X, "Y": Y}


def module_of(text):
    module = {}
    exec(text, module)
    return module


def gradients_of(text, parameters, data):
    module = module_of(text)
    arrays = {name: t.data for name, t in parameters.items()}
    cost, cache = module["forward"](arrays, *data)
    return cost, module["backward"](arrays, cache, *data)


def test_the_articles_network_reads_as_the_article():
    cost, _, names = article()
    assert source(cost, names=names) == ARTICLE


def test_it_gives_the_gradients_of_backward():
    cost, parameters, names = article(seed=3)
    value, found = gradients_of(
        source(cost, names=names), parameters, (names["X"], names["Y"])
    )
    cost.backward()
    np.testing.assert_allclose(value, cost.data, rtol=1e-12)
    for name, parameter in parameters.items():
        np.testing.assert_allclose(found[f"d{name}"], parameter.grad, rtol=1e-12)


def test_it_passes_our_own_marking():
    cost, parameters, names = article()
    module = module_of(source(cost, names=names))
    arrays = {name: t.data for name, t in parameters.items()}
    marking = check_backward(
        module["forward"], module["backward"], arrays, names["X"], names["Y"]
    )
    assert marking


def test_it_runs_where_only_numpy_is_installed():
    cost, _, names = article()
    program = source(cost, names=names) + (
        "\nrng = np.random.default_rng(0)\n"
        "p = {'W1': rng.random((4, 3)), 'b1': np.zeros((4, 1)),\n"
        "     'W2': rng.random((1, 4)), 'b2': np.zeros((1, 1))}\n"
        "X, Y = rng.random((3, 5)), np.ones((1, 5))\n"
        "print(sorted(backward(p, forward(p, X, Y)[1], X, Y)))\n"
        "import sys; assert 'autograd' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "['dW1', 'dW2', 'db1', 'db2']\n"


def samples():
    for name, op in PRIMITIVES.items():
        for k, sample in enumerate(op.samples):
            yield pytest.param(op, sample, id=f"{name}-{k}")


def is_float(x):
    return np.asarray(x).dtype.kind == "f"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("op", "sample"), list(samples()))
def test_every_operation_can_be_written(op, sample):
    values = list(sample)
    settings = values.pop() if values and isinstance(values[-1], dict) else {}
    if op.sequence:
        inputs, rest = [[Tensor(np.asarray(x, float)) for x in values[0]]], values[1:]
    else:
        inputs = [
            Tensor(np.asarray(x, float)) if rule is not None and is_float(x) else x
            for x, rule in zip(values, op.vjps, strict=False)
        ]
        rest = values[len(op.vjps) :]
    out = op.function(*inputs, *rest, **settings)
    if not isinstance(out, Tensor) or out.op is None:
        pytest.skip("nothing to differentiate")
    leaves = [
        x for x in (inputs[0] if op.sequence else inputs) if isinstance(x, Tensor)
    ]
    names = {f"x{k}": x for k, x in enumerate(leaves)}
    weights = np.random.default_rng(0).standard_normal(out.shape)
    cost = np.sum(out * weights)
    text = source(cost, names=names | {"weights": weights})  # raises if it is wrong
    compile(text, "<test>", "exec")
    assert max(map(len, text.splitlines())) <= 125


def test_shared_parts_are_computed_once_and_dead_ones_not_at_all():
    x = Tensor([0.5, 1.5], name="x")
    y = np.tanh(x)
    unused = np.exp(x)
    cost = np.sum(y * y + y)
    text = source(cost, names={"y": y, "unused": unused, "cost": cost})
    assert text.count("np.tanh") == 1
    assert "exp" not in text


def test_only_wanted_gradients_are_computed():
    cost, parameters, names = article()
    text = source(cost, wrt=[parameters["b2"]], names=names)
    backward = text[text.index("def backward") :]
    assert 'return {"db2": db2}' in backward
    assert "W1" not in backward


def test_sums_over_broadcast_axes_are_written_out():
    b = Tensor(np.zeros((1, 3)), name="b")
    X = np.ones((4, 3))
    text = source(np.sum((X + b) ** 2), names={"X": X})
    assert "np.sum(" in text[text.index("def backward") :]
    assert "axis=0" in text


def test_names_cannot_smuggle_code():
    evil = Tensor([1.0, 2.0], name="x); import os; (")
    keyword = Tensor([1.0, 2.0], name="lambda")
    ours = Tensor([1.0, 2.0], name="np")
    text = source(np.sum(evil * keyword * ours))
    assert "import os" not in text
    called = set(module_of(text)["backward"].__code__.co_names)
    assert called <= {"np", "sum", "broadcast_to"}


def test_same_text_every_time():
    texts = set()
    for hash_seed in ("1", "2"):
        program = (
            "import numpy as np, autograd as ag\n"
            "w, v = ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])\n"
            "print(ag.source(np.sum(np.exp(w * v) / v)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
        )
        texts.add(done.stdout)
    assert len(texts) == 1


def convolutional():
    rng = np.random.default_rng(0)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 10, rng=rng),
    )
    x, y = rng.standard_normal((2, 1, 8, 8)).astype(np.float32), np.array([1, 2])
    loss = nn.CrossEntropyLoss()(net(x), y)
    return net, loss, {"x": x, "y": y, "loss": loss}


@pytest.mark.parametrize("kind", ["convolutional", "recurrent"])
def test_networks_with_fused_operations(kind):
    if kind == "convolutional":
        net, loss, names = convolutional()
    else:
        rng = np.random.default_rng(1)
        net = nn.LSTM(3, 5, rng=rng)
        names = {"x": rng.standard_normal((4, 2, 3)).astype(np.float32)}
        loss = np.sum(net(names["x"])[0] ** 2)
    text = source(loss, names=names)
    module = module_of(text)
    leaves = [t for t in inputs_first(loss) if t.op is None and t.requires_grad]
    assert len(leaves) == len(list(net.parameters()))
    assert "dtype=float64" not in text
    assert callable(module["forward"])


def test_torch_dialect_computes_the_same():
    torch = pytest.importorskip("torch")
    cost, parameters, names = article()
    module = module_of(source(cost, names=names, dialect="torch"))
    tensors = {k: torch.tensor(t.data) for k, t in parameters.items()}
    X, Y = torch.tensor(names["X"]), torch.tensor(names["Y"])
    np.testing.assert_allclose(module["forward"](tensors, X, Y), cost.data, rtol=1e-12)

    net, loss, names = convolutional()
    module = module_of(source(loss, names=names, dialect="torch"))
    tensors = {
        f"layer{k.replace('.', '_')}": torch.tensor(t.data)
        for k, t in net.named_parameters()
    }
    value = module["forward"](
        tensors, torch.tensor(names["x"]), torch.tensor(names["y"])
    )
    np.testing.assert_allclose(value, loss.data, rtol=1e-5)


def test_jax_dialect_reads_as_jax():
    cost, _, names = article()
    text = source(cost, names=names, dialect="jax")
    assert "A1 = 1 / (1 + jnp.exp(-Z1))" in text
    assert "np.exp" not in text.replace("jnp.exp", "")


def test_jax_dialect_computes_the_same():
    jax = pytest.importorskip("jax")
    cost, parameters, names = article()
    module = module_of(source(cost, names=names, dialect="jax"))
    arrays = {k: jax.numpy.asarray(t.data) for k, t in parameters.items()}
    value = module["forward"](arrays, names["X"], names["Y"])
    np.testing.assert_allclose(value, cost.data, rtol=1e-5)


def test_dialects_where_the_other_library_differs_from_numpy():
    x = Tensor(np.ones((2, 3)), name="x")
    A = Tensor(np.ones((2, 2, 3)), name="A")

    def text(result, dialect):
        return source(np.sum(result * result), dialect=dialect)

    assert "jax.nn.gelu(x, approximate=False)" in text(gelu(x), "jax")
    tanh = gelu(x, approximate="tanh")
    assert "jax.nn.gelu(x, approximate=True)" in text(tanh, "jax")
    assert "F.gelu(x, approximate='tanh')" in text(tanh, "torch")
    assert "torch.matmul(x, x.T)" in text(np.dot(x, x.T), "torch")
    product = np.dot(A, np.swapaxes(A, 1, 2))
    assert "dims=([2], [1]))" in text(product, "torch")
    assert "= 2.0 * x" in text(np.dot(2.0, x), "torch")
    assert "torch.round(x, decimals=2)" in text(np.round(x, 2), "torch")
    for result in (np.cumsum(x), np.ravel(x, order="F"), x[::-1]):
        with pytest.raises(ValueError, match="torch has no word here"):
            source(np.sum(result), dialect="torch")


def test_errors():
    x = Tensor([1.0, 2.0], name="x")
    with pytest.raises(ShapeError, match="2 elements"):
        source(x * 2)
    with pytest.raises(GradientError, match="was not computed"):
        source(Tensor(1.0))
    with pytest.raises(TypeError, match="float"):
        source(1.0)
    with pytest.raises(GradientError, match="wrt holds"):
        source(np.sum(x), wrt=[Tensor(1.0)])
    with pytest.raises(ValueError, match="'keras'"):
        source(np.sum(x), dialect="keras")
    with pytest.raises(ValueError, match=r"no word here for np\.sinc"):
        source(np.sum(np.sinc(x)), dialect="torch")


def _softmax_cost(kind, axis=1):
    rng = np.random.default_rng(3)
    shape = (6, 3) if axis == 1 else (3, 6)
    Z = Tensor(rng.standard_normal(shape), name="Z")
    T = np.eye(3)[rng.integers(0, 3, 6)]
    T = T if axis == 1 else T.T.copy()
    shifted = Z - np.max(Z, axis=axis, keepdims=True) if "shifted" in kind else Z
    E = np.exp(shifted)
    P = E / np.sum(E, axis=axis, keepdims=True)
    if "operation" in kind:
        P = softmax(Z, axis)
    if "weighted" in kind:
        T = T * rng.uniform(1, 2, shape)
    logs = T * np.log(P)
    if "seen twice" in kind:
        return np.sum(logs) + np.sum(P * P), Z, {"T": T, "P": P}
    if "uneven" in kind:
        return np.sum(logs * rng.standard_normal(shape)), Z, {"T": T, "P": P}
    if "by sample" in kind:
        return -np.mean(np.sum(logs, axis=axis)), Z, {"T": T, "P": P}
    return -np.sum(logs) / 6, Z, {"T": T, "P": P}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(
    "kind", ["plain", "shifted", "operation", "shifted, by sample"]
)
def test_softmax_with_cross_entropy_is_p_minus_t(kind, axis):
    cost, Z, names = _softmax_cost(kind, axis)
    text = source(cost, [Z], names)
    assert f"    # T sums to 1 over axis {axis}.\n" in text
    assert "    dZ = (P - T) / 6  #" in text


def test_softmax_of_targets_that_do_not_sum_to_one():
    cost, Z, names = _softmax_cost("shifted, weighted")
    text = source(cost, [Z], names)
    assert "dZ = (P * np.sum(T, axis=1, keepdims=True) - T) / 6" in text
    assert "sums to 1" not in text


@pytest.mark.parametrize("kind", ["shifted, seen twice", "shifted, uneven"])
def test_no_shortcut_where_it_does_not_hold(kind):
    cost, Z, names = _softmax_cost(kind)
    assert "P - T" not in source(cost, [Z], names)  # and source checks its gradients


def test_weight_decay_reads_as_on_the_board():
    W = Tensor(np.arange(6.0).reshape(2, 3), name="W")
    x = np.array([1.0, 2.0, 3.0])
    cost = np.sum((W @ x) ** 2) + 0.25 * np.sum(W**2)
    text = source(cost, [W], {"x": x})
    assert "0.5 * W" in text
    assert "broadcast_to" not in text
    assert "** (2 - 1)" not in text


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("count", [6, 150])  # more than are written out one by one
def test_softmax_with_classes_by_number(count, axis):
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, count)
    Z = Tensor(rng.standard_normal((count, 3) if axis else (3, count)), name="Z")
    P = softmax(Z, axis)
    picked = P[np.arange(count), y] if axis else P[y, np.arange(count)]
    text = source(-np.mean(np.log(picked)), [Z], {"y": y, "P": P})
    one_hot = "np.eye(3)[y]" if axis else "np.eye(3)[:, y]"
    assert f"dZ = (P - {one_hot}) / {count}" in text
    assert "def forward(parameters, y):" in text


def test_an_array_that_is_used_twice_has_one_name():
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    w = Tensor(np.array([0.5, -1.0]), name="w")
    text = source(np.sum(np.tanh(X @ np.tanh(X @ w))), names={"X": X})
    assert "def forward(parameters, X):" in text


def test_a_gradient_whose_terms_cancel_is_still_written_out():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((10, 6))
    beta = Tensor(np.zeros(6), name="beta")
    xhat = (x - x.mean(axis=0)) / x.std(axis=0)
    text = source(np.sum((xhat + beta) ** 2), names={"xhat": xhat})
    assert "dbeta = np.sum(2 * " in text


def test_fused_operations_are_calls_of_documented_functions():
    rng = np.random.default_rng(0)
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=2, padding=1, rng=rng),
        nn.MaxPool2d(2),
        nn.AvgPool2d(2, stride=1),
        nn.Flatten(),
        nn.Linear(2, 3, rng=rng),
    )
    x = rng.standard_normal((5, 1, 7, 7))
    y = rng.integers(0, 3, 5)
    loss = nn.CrossEntropyLoss()(net.to(np.float64)(x), y)
    text = source(loss, names={"x": x, "y": y})
    assert "conv2d(x, layer0_weight, layer0_bias, stride=2, padding=1)" in text
    assert "max_pool2d(" in text
    assert "kernel_size=2)" in text
    assert "avg_pool2d(" in text
    assert "kernel_size=2, stride=1)" in text
    assert "cost = cross_entropy(" in text
    assert "- np.eye(3)[y]) / 5" in text


def test_losses_with_ignored_rows_keep_their_own_rule():
    Z = Tensor(np.random.default_rng(0).standard_normal((3, 4)), name="Z")
    loss = nn.CrossEntropyLoss(ignore_index=2)(Z, np.array([0, 2, 1]))
    assert "np.eye" not in source(loss)  # and source checks its gradients


def test_attention_reads_as_on_the_board():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 4))
    Wq, Wk = (Tensor(rng.standard_normal((4, 4)), name=n) for n in ("Wq", "Wk"))
    Q, K = x @ Wq, x @ Wk
    S = Q @ K.T / 2
    text = source(np.sum(np.tanh(S)), names={"x": x, "Q": Q, "K": K, "S": S})
    assert "    S = Q @ K.T / 2  # (6, 6)\n" in text
    assert "    dQ = dS / 2 @ K  # (6, 4)\n" in text
    assert "    dK = dS.T / 2 @ Q  # (6, 4)\n" in text


def test_sums_begin_without_zero():
    w, v = Tensor(np.ones(3), name="w"), Tensor(np.ones(2), name="v")
    text = source(sum([np.sum(w * w), np.sum(v)]) - 0)
    assert "cost = np.sum(w * w) + np.sum(v)\n" in text


def test_long_sums_are_broken_between_their_terms():
    x = np.linspace(0.5, 1.5, 3)
    name = "a_rather_long_name"
    w = Tensor(x, name=name)
    cost = np.sum(np.tanh(w) * x + np.exp(w) * w - np.sin(w) / w + w**3 + np.sqrt(w))
    text = source(cost, names={"another_rather_long_name": x})
    assert max(len(line) for line in text.splitlines()) <= 88
    rows = text[text.index(f"d{name} = (") :].splitlines()
    starts = [row.split()[0] for row in rows[2 : rows.index(next(filter(_ends, rows)))]]
    assert starts
    assert set(starts) <= {"+", "-"}


def _ends(row):
    return row.startswith("    )")


@pytest.mark.parametrize(
    "classes", [np.array([[2], [0]]), np.array([1])], ids=["a column", "one for all"]
)
def test_classes_that_are_broadcast_take_the_long_way(classes):
    Z = Tensor(np.random.default_rng(3).standard_normal((2, 3)), name="Z")
    picked = softmax(Z, 1)[np.arange(2), classes]
    assert "np.eye" not in source(-np.sum(np.log(picked)))  # source checks gradients


def test_a_softmax_of_no_samples():
    Z = Tensor(np.zeros((0, 3)), name="Z")
    picked = softmax(Z, 1)[np.arange(0), np.zeros(0, int)]
    assert "def backward" in source(-np.sum(np.log(picked)))
