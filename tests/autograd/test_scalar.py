"""micrograd's whole use, and the scalar graph of an array function."""

import numpy as np
import pytest

from autograd import Tensor, scalars
from demos.article import compute_cost, forward_propagation, sigmoid


def test_micrograds_readme_example():
    a = Tensor(-4.0)
    b = Tensor(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_a_neuron():
    x1, x2 = Tensor(2.0), Tensor(0.0)
    w1, w2, b = Tensor(-3.0), Tensor(1.0), Tensor(6.8813735870195432)
    o = (x1 * w1 + x2 * w2 + b).tanh()
    o.backward()
    assert o.item() == pytest.approx(0.7071067811865476)
    gradients = [x1.grad, w1.grad, x2.grad, w2.grad]
    assert gradients == pytest.approx([-1.5, 1.0, 0.5, 0.0])


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a + 1,
        lambda a: 1 + a,
        lambda a: a - 1.5,
        lambda a: 2 - a,
        lambda a: 3 * a,
        lambda a: a / 2,
        lambda a: 2 / a,
        lambda a: a**2,
        lambda a: a**-1,
        lambda a: 2**a,
        lambda a: -a,
        lambda a: +a,
        lambda a: abs(a),
        lambda a: a.exp(),
        lambda a: a.tanh(),
        lambda a: a.relu(),
        lambda a: a.log(),
        lambda a: a.sigmoid(),
        lambda a: sum([a, a, 1]),
    ],
)
def test_scalar_arithmetic_equals_arrays_of_one_element(make):
    scalar, array = Tensor(1.7), Tensor([1.7])
    one, many = make(scalar), make(array)
    assert isinstance(one.data, np.float64)
    one.backward()
    many.backward()
    np.testing.assert_allclose(one.data, many.data[0], rtol=1e-15)
    np.testing.assert_allclose(scalar.grad, array.grad[0], rtol=1e-15)
    assert isinstance(scalar.grad, np.float64)


class Neuron:
    """One unit of the scalar network, as in micrograd."""

    def __init__(self, inputs, rng, linear=False):
        self.w = [Tensor(rng.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Tensor(0.0)
        self.linear = linear

    def __call__(self, x):
        total = sum((w * xi for w, xi in zip(self.w, x, strict=True)), self.b)
        return total if self.linear else total.tanh()

    def parameters(self):
        return [*self.w, self.b]


def test_scalar_mlp_learns():
    rng = np.random.default_rng(3)
    hidden = [Neuron(3, rng) for _ in range(4)]
    last = Neuron(4, rng, linear=True)
    parameters = [p for unit in [*hidden, last] for p in unit.parameters()]
    X = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    Y = [1.0, -1, -1, 1.0]
    losses = []
    for _ in range(60):
        predictions = [last([unit(x) for unit in hidden]) for x in X]
        loss = sum((p - y) ** 2 for p, y in zip(predictions, Y, strict=True))
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data -= 0.05 * p.grad
        losses.append(loss.item())
    assert losses[-1] < 0.05 < losses[0]
    assert [np.sign(p.item()) for p in predictions] == [1, -1, -1, 1]


class TestScalars:
    def test_cells_are_named_leaves(self):
        w = scalars([[1.0, 2.0], [3.0, 4.0]], name="W")
        assert w.shape == (2, 2)
        assert w.dtype == object
        assert w[1, 0].name == "W[1,0]"
        assert all(cell.is_leaf and cell.requires_grad for cell in w.ravel())

    def test_dtype_is_kept(self):
        assert scalars(np.ones(2, np.float32))[0].dtype == np.float32

    def test_integers_in_a_list_are_floats(self):
        assert scalars([1, 2])[0].dtype == np.float64

    @pytest.mark.parametrize(
        "function",
        [
            np.exp,
            np.tanh,
            np.sqrt,
            np.log,
            np.abs,
            np.square,
            np.negative,
            lambda x: x + 1,
            lambda x: 1 - x,
            lambda x: 2.0 / x,
            lambda x: x**2,
            lambda x: x * x[::-1],
            lambda x: np.maximum(x, 0.8),
            lambda x: np.multiply(x, np.array([3.0, 2.0])),
            lambda x: np.dot(x, np.array([3.0, 2.0])),
            lambda x: x @ np.array([[3.0, 2.0], [1.0, 0.5]]),
            lambda x: np.sum(x, keepdims=True),
            lambda x: np.mean(x),
            lambda x: np.prod(x),
            lambda x: x.reshape(2, 1) + x,
            lambda x: np.concatenate([x, x]),
        ],
    )
    def test_same_value_and_gradient_as_the_tensor(self, function):
        values = np.array([0.7, 1.3])
        tensor, cells = Tensor(values), scalars(values)
        whole, parts = np.sum(function(tensor)), np.sum(function(cells))
        assert isinstance(parts, Tensor)
        assert parts.ndim == 0
        whole.backward()
        parts.backward()
        assert parts.item() == pytest.approx(whole.item(), rel=1e-14)
        # np.maximum picks a cell or the number: what is not picked is not in the graph
        gradient = [0.0 if cell.grad is None else cell.grad for cell in cells]
        np.testing.assert_allclose(gradient, tensor.grad, rtol=1e-14)

    def test_the_articles_network_unmodified(self):
        rng = np.random.default_rng(0)
        raw = {
            "W1": rng.normal(size=(3, 2)),
            "b1": rng.normal(size=(3, 1)),
            "W2": rng.normal(size=(1, 3)),
            "b2": rng.normal(size=(1, 1)),
        }
        X, Y = rng.normal(size=(2, 4)), np.array([[0, 1, 1, 0]])

        def cost_of(parameters):
            A2, _ = forward_propagation(X, parameters)
            return compute_cost(A2, Y)

        tensors = {name: Tensor(array) for name, array in raw.items()}
        cells = {name: scalars(array, name) for name, array in raw.items()}
        one, many = cost_of(tensors), cost_of(cells)
        many = many if isinstance(many, Tensor) else many.item()
        one.backward()
        many.backward()
        assert many.item() == pytest.approx(one.item(), rel=1e-12)
        assert many.item() == pytest.approx(cost_of(raw), rel=1e-12)
        for name in raw:
            gradient = np.vectorize(lambda cell: cell.grad, otypes=[float])(cells[name])
            np.testing.assert_allclose(gradient, tensors[name].grad, rtol=1e-12)

    def test_every_multiplication_is_a_node(self):
        w, x = scalars([[1.0, 2.0]]), np.array([[3.0], [4.0]])
        (cell,) = np.dot(w, x).ravel()
        assert cell.op.name == "add"
        assert [part.op.name for part in cell.inputs] == ["multiply", "multiply"]

    def test_own_functions(self):
        z = scalars([0.5, -0.5])
        np.sum(sigmoid(z)).backward()
        s = sigmoid(np.array([0.5, -0.5]))
        np.testing.assert_allclose([c.grad for c in z], s * (1 - s), rtol=1e-14)
