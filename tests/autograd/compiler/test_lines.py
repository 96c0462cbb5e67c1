"""Lines with arrays that are kept: the same numbers as eager, and nobody's memory."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

RTOL = {np.float32: 1e-5, np.float64: 1e-12}


def draw(seed, *shapes, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [Tensor(rng.standard_normal(shape).astype(dtype)) for shape in shapes]


def pull_back(result, seed):
    rng = np.random.default_rng(seed)
    result.backward(rng.standard_normal(result.shape).astype(result.dtype))


def hidden_layer(x, W, b, V):
    return ag.relu(ag.linear(x, W, b)) @ V


def in_columns(x, W, b, V):
    A = 1 / (1 + np.exp(-(np.dot(W, x.T) + b[:, None])))
    return np.dot(V.T, A)


def loop(x, W, b, V):
    h = x @ W.T
    for t in range(6):
        h = np.tanh(h[:, ::-1] @ W[:, :5] + b * t)
        h = h - 0.1 * h
    return h @ V


def slices(x, W, b, V):
    rows = [x[t] @ W.T + b for t in range(x.shape[0])]
    return (ag.stack(rows[::-1]) @ V) / 3


def overlapping_slices(x, W, b, V):
    h = x[:, 1:] - x[:, :-1]
    return (h @ W[:, 1:].T + b) @ V + x.sum()


def signs(x, W, b, V):
    h = -(x @ W.T) - b
    return -((-h) * (b - h) / (1 + h * h)) @ -V


def outer(x, W, b, V):
    return (x[:, :1] @ W[:, :1].T + b) @ V


def numbers(x, W, b, V):
    scale = x.mean() * W.sum() / 7
    return scale * (x @ W.T + b) @ V - scale**2


FUNCTIONS = {
    f.__name__: f
    for f in (
        hidden_layer, in_columns, loop, slices, overlapping_slices, signs, outer,
        numbers,
    )
}  # fmt: skip


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_those_of_eager_and_stay(name, dtype):
    """Neither a later call nor a second backward pass changes what was handed out."""
    function = FUNCTIONS[name]
    compiled = ag.compile(function)
    shapes = (4, 6), (5, 6), (5,), (5, 3)
    kept = []
    for seed in range(3):
        ours, theirs = (draw(seed, *shapes, dtype=dtype) for _ in range(2))
        result, right = compiled(*ours), function(*theirs)
        assert result.op.name == "compiled"
        np.testing.assert_array_equal(result.data, right.data)
        pull_back(result, seed)
        pull_back(right, seed)
        gradients = [x.grad for x in ours]
        for x in ours:
            x.grad = None
        pull_back(result, seed)
        for x, first, y in zip(ours, gradients, theirs, strict=True):
            np.testing.assert_array_equal(x.grad, first)
            assert not np.shares_memory(x.grad, first)
            atol = RTOL[dtype] * np.max(np.abs(y.grad))
            np.testing.assert_allclose(first, y.grad, rtol=RTOL[dtype], atol=atol)
        kept.append((result, right, gradients, [g.copy() for g in gradients]))
    for result, right, gradients, copies in kept:
        np.testing.assert_array_equal(result.data, right.data)
        for gradient, copy in zip(gradients, copies, strict=True):
            np.testing.assert_array_equal(gradient, copy)


def test_what_is_read_for_the_last_time_is_written_over():
    x, W, b, V = draw(0, (4, 6), (5, 6), (5,), (5, 3))
    compiled = ag.compile(hidden_layer)
    compiled(x, W, b, V)
    made = [line for line in compiled.source.splitlines() if "np.empty((4, 5)" in line]
    product, bias, relu = made[0].split(" = ")[:3]  # all in one array
    assert f"np.add({product.strip()}, s2, out={bias})" in compiled.source
    assert f"np.maximum({bias}, 0, out={relu})" in compiled.source


def test_many_products_are_one():
    """The weights of a loop: one product of all rows, in place of one a step."""

    def loop(x, W):
        for _ in range(8):
            x = np.tanh(ag.linear(x, W))
        return x

    compiled = ag.compile(loop)
    ours, theirs = (draw(0, (4, 5), (5, 5)) for _ in "ab")
    pull_back(compiled(*ours), 0)
    pull_back(loop(*theirs), 0)
    backward = compiled.source.partition("def backward")[2]
    assert backward.count("np.matmul") == 8 + 1
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x.grad, y.grad, rtol=1e-12)


def test_parts_of_an_array_are_written_once():
    compiled = ag.compile(lambda x: sum((np.tanh(x[t]) for t in range(1, 4)), x[0]))
    (x,) = draw(0, (4, 5))
    pull_back(compiled(x), 0)
    backward = compiled.source.partition("def backward")[2]
    assert "np.zeros" not in backward
    assert "fill(0)" not in backward


def test_other_layouts():
    """Results that are laid out otherwise keep their layout, as eager does."""

    def function(x, K, c):
        h = ag.relu(ag.conv2d(x, K, c, padding=1))
        return (ag.max_pool2d(h, 2).transpose(0, 2, 3, 1) * 2.0 - 1.0).sum(axis=(1, 2))

    compiled = ag.compile(function)
    for seed in range(2):
        ours, theirs = (draw(seed, (2, 3, 6, 6), (4, 3, 3, 3), (4,)) for _ in "ab")
        result, right = compiled(*ours), function(*theirs)
        np.testing.assert_array_equal(result.data, right.data)
        pull_back(result, seed)
        pull_back(right, seed)
        for x, y in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(x.grad, y.grad, rtol=1e-12, atol=1e-14)


# ---- extremes ------------------------------------------------------------------------

EXTREME = np.array([0.0, -0.0, 1e-320, 30.0, -30.0, 800.0, -800.0, np.inf, -np.inf])


@pytest.mark.parametrize(
    "function",
    [
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: -np.tanh(-z) / (z * z + 1),
        lambda z: ag.relu(z) - 2 * z,
        lambda z: np.exp(-z) * z - z / 3,
        lambda z: (1 - z) * np.sqrt(np.abs(z)),
    ],
)
def test_extremes_are_those_of_eager(function):
    """Finite gradients are equal, and others are infinite or NaN in the same places."""
    compiled = ag.compile(function)
    ours, theirs = Tensor(EXTREME[:5] + 0.5), Tensor(EXTREME)
    with np.errstate(all="ignore"):
        compiled(Tensor(np.linspace(0.5, 2.0, EXTREME.size)))
        ours = Tensor(EXTREME)
        result, right = compiled(ours), function(theirs)
        result.backward(np.ones(EXTREME.size))
        right.backward(np.ones(EXTREME.size))
    assert result.op.name == "compiled"
    np.testing.assert_array_equal(result.data, right.data)
    np.testing.assert_allclose(ours.grad, theirs.grad, rtol=1e-12)


def cross_entropy_of_sigmoid(Y):
    def cost(z):
        A = 1 / (1 + np.exp(-z))
        return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / Y.size

    return cost


def test_cross_entropy_of_a_sigmoid_is_a_difference():
    rng = np.random.default_rng(0)
    Y = rng.integers(0, 2, (1, 9)).astype(float)
    cost = cross_entropy_of_sigmoid(Y)
    compiled = ag.compile(cost)
    for _ in range(2):
        values = 3 * rng.standard_normal((1, 9))
        z, right = Tensor(values), Tensor(values)
        compiled(z).backward()
        cost(right).backward()
        np.testing.assert_allclose(z.grad, right.grad, rtol=1e-12, atol=1e-15)
    assert compiled.source.partition("def backward")[2].count("np.") <= 3


def test_saturated_cross_entropy_stays_finite():
    """Where eager divides 0 by 0, the difference is what it should have been."""
    Y = np.array([[1.0, 0.0, 1.0, 0.0]])
    compiled = ag.compile(cross_entropy_of_sigmoid(Y))
    compiled(Tensor(np.array([[0.5, -0.5, 1.0, 2.0]])))
    z = Tensor(np.array([[40.0, -800.0, -800.0, 40.0]]))
    with np.errstate(all="ignore"):
        compiled(z).backward()
    np.testing.assert_allclose(z.grad, [[0, 0, -0.25, 0.25]], atol=1e-15)


# ---- operations that are written out -------------------------------------------------


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtype", RTOL)
def test_cross_entropy(reduction, dtype):
    classes = np.array([2, 0, 1, 2])

    def function(z, classes):
        return ag.cross_entropy(3 * z, classes, reduction=reduction)

    compiled = ag.compile(function)
    for seed in range(2):
        (ours,), (theirs,) = (draw(seed, (4, 3), dtype=dtype) for _ in "ab")
        result, right = compiled(ours, classes), function(theirs, classes)
        assert result.op.name == "compiled"
        np.testing.assert_array_equal(result.data, right.data)
        pull_back(result, seed)
        pull_back(right, seed)
        np.testing.assert_allclose(ours.grad, theirs.grad, rtol=RTOL[dtype], atol=1e-7)
        assert ours.grad.dtype == dtype
    with pytest.raises(ag.errors.OutOfRangeError, match="outside"):
        compiled(ours, np.array([2, 0, 3, 1]))
    left_out = np.array([2, -100, 1, 2])
    right = function(theirs, left_out)
    np.testing.assert_array_equal(compiled(ours, left_out).data, right.data)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_two_cross_entropies_of_the_same_logits(reduction):
    first, second = np.array([2, 0, 1, 2]), np.array([0, 0, 2, 1])

    def function(z):
        one, other = (
            ag.cross_entropy(z, y, reduction=reduction) for y in (first, second)
        )
        return one + other + ag.cross_entropy(z, first, reduction=reduction)

    compiled = ag.compile(function)
    (ours,), (theirs,) = (draw(0, (4, 3)) for _ in "ab")
    compiled(ours).backward()
    function(theirs).backward()
    np.testing.assert_allclose(ours.grad, theirs.grad, rtol=1e-12)


@pytest.mark.parametrize(
    ("padding", "bias"), [(0, True), (1, False), ((2, 0), True), ("same", True)]
)
@pytest.mark.parametrize("dtype", RTOL)
def test_convolution(padding, bias, dtype):
    def function(x, K, *c):
        return np.tanh(ag.conv2d(np.tanh(x), K, *c, padding=padding))

    compiled = ag.compile(function)
    shapes = [(2, 3, 6, 5), (4, 3, 3, 3), (4,)][: 2 + bias]
    for seed in range(2):
        ours, theirs = (draw(seed, *shapes, dtype=dtype) for _ in "ab")
        result, right = compiled(*ours), function(*theirs)
        np.testing.assert_array_equal(result.data, right.data)
        pull_back(result, seed)
        pull_back(right, seed)
        for x, y in zip(ours, theirs, strict=True):
            atol = RTOL[dtype] * np.max(np.abs(y.grad))
            np.testing.assert_allclose(x.grad, y.grad, rtol=RTOL[dtype], atol=atol)
    assert "add_windows" in compiled.source


# ---- factors -------------------------------------------------------------------------


def links(x, a, b):
    for _ in range(3):
        x = x * b + a - 0.5 * x
    return (a - b * x) + 0.25 * x + (x * b + 3 * x)


def test_common_factors_are_taken_out_of_large_arrays():
    shape = 600, 300
    compiled = ag.compile(links)
    ours, theirs = (draw(0, shape, shape, shape, dtype=np.float32) for _ in "ab")
    result, right = compiled(*ours), links(*theirs)
    assert result.op.name == "compiled"
    assert compiled.source.count(", 0.5") + compiled.source.count("np.subtract") < 12
    largest = np.max(np.abs(right.data))
    np.testing.assert_allclose(result.data, right.data, rtol=1e-4, atol=1e-6 * largest)
    pull_back(result, 1)
    pull_back(right, 1)
    for x, y in zip(ours, theirs, strict=True):
        atol = 1e-6 * np.max(np.abs(y.grad))
        np.testing.assert_allclose(x.grad, y.grad, rtol=1e-4, atol=atol)


def test_small_arrays_keep_every_bit():
    compiled = ag.compile(links)
    ours, theirs = (draw(0, (30, 20), (30, 20), (30, 20)) for _ in "ab")
    np.testing.assert_array_equal(compiled(*ours).data, links(*theirs).data)
