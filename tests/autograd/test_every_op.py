"""Every operation of the table, on its own samples: an operation brings its own tests.

Values against NumPy, first and second derivatives against differences, dtypes, memory,
shapes, and the three ways to call it.
"""

import importlib
import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
from autograd import PRIMITIVES, Primitive, Tensor, gradcheck
from autograd.engine import differentiate
from autograd.numpy_protocol import DIFFERENTIABLE

# NumPy has no function of this name that means the same; what it should equal instead.
NUMPY_EQUIVALENT = {
    "astype": lambda x, dtype: x.astype(dtype),
    "clip": lambda x, a_min, a_max: np.clip(x, a_min, a_max),
    "getitem": lambda x, index: x[index],
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log1p(np.exp(x)),
}
# Inside a public function of that name which takes or returns something else; that one
# is compared with NumPy in test_linalg.py.
INSIDE = {
    *("cholesky", "cofactor", "cross", "eigh", "einsum"),
    *("norm", "pinv", "qr", "slogdet", "svd"),
}
NOT_PUBLIC = {"cofactor"}  # the derivative of det
POSITIONAL_IN_METHODS = ("shape", "axes")  # as in the methods of ndarray


class Call(NamedTuple):
    """One call of an operation: its inputs apart from its settings."""

    op: Primitive
    inputs: tuple[Any, ...]
    positional: tuple[Any, ...]
    keywords: dict[str, Any]

    def __call__(self, *inputs):
        return self.of(self.op.function, inputs)

    def of(self, function, inputs):
        first = [list(inputs)] if self.op.sequence else inputs
        return function(*first, *self.positional, **self.keywords)

    @property
    def differentiated(self) -> list[int]:
        """The inputs that become tensors: arrays of floats that a rule belongs to."""
        return [
            k
            for k, x in enumerate(self.inputs)
            if isinstance(x, np.ndarray | np.floating)
            and x.dtype.kind == "f"
            and self.op.rule(k) is not None
        ]

    def with_tensors(self, *tensors):
        inputs = list(self.inputs)
        for position, tensor in zip(self.differentiated, tensors, strict=True):
            inputs[position] = tensor
        return self(*inputs)

    def arrays(self, dtype=np.float64):
        return [np.array(self.inputs[k], dtype=dtype) for k in self.differentiated]


def read_sample(op: Primitive, sample: tuple[Any, ...]) -> Call:
    keywords = sample[-1] if isinstance(sample[-1], dict) else {}
    positional = sample[:-1] if keywords else sample
    if op.sequence:
        return Call(op, tuple(positional[0]), tuple(positional[1:]), keywords)
    n = len(op.vjps)
    return Call(op, tuple(positional[:n]), tuple(positional[n:]), keywords)


CALLS = [
    pytest.param(read_sample(op, sample), id=f"{op.name}-{number}")
    for op in PRIMITIVES.values()
    for number, sample in enumerate(op.samples)
]
every_call = pytest.mark.parametrize("call", CALLS)


def numpy_function(op: Primitive):
    """Return what an operation should equal, or None where NumPy has no such thing."""
    theirs = getattr(np, op.name, None) or getattr(np.linalg, op.name, None)
    return NUMPY_EQUIVALENT.get(op.name) or theirs


def is_dispatched(op: Primitive) -> bool:
    """Return whether ``np.NAME(tensor)`` is this very operation."""
    theirs = getattr(np, op.name, None)
    return callable(theirs) and DIFFERENTIABLE.get(theirs) is op.function


def calls_of(condition):
    """Return a decorator for the calls of some operations."""
    chosen = [call for call in CALLS if condition(call.values[0].op)]
    return pytest.mark.parametrize("call", chosen)


every_op = pytest.mark.parametrize("op", PRIMITIVES.values(), ids=list(PRIMITIVES))
ELEMENTWISE = [op for op in PRIMITIVES.values() if op.elementwise]


@every_op
def test_has_samples(op):
    assert op.samples, f"{op.name} has no samples, so no test covers it"
    called = [read_sample(op, sample) for sample in op.samples]
    covered = {k for call in called for k in call.differentiated}
    if not op.sequence:
        rules = {k for k, rule in enumerate(op.vjps) if rule is not None}
        allowed = {1, 2} if op.name == "clip" else set()  # see test_limits_of_clip
        assert rules - allowed <= covered, f"no sample differentiates input {rules}"


@every_op
def test_has_a_docstring_with_an_explanation_and_an_example(op):
    places = (ag, importlib.import_module("autograd.linalg"))
    public = [getattr(place, op.name) for place in places if hasattr(place, op.name)]
    if not public:
        assert op.name in NOT_PUBLIC
        return
    assert "gradient" in public[0].__doc__ or "Formula" in public[0].__doc__
    assert ">>>" in public[0].__doc__


@every_call
def test_first_and_second_derivative(call):
    assert gradcheck(call.with_tensors, *call.arrays())


@calls_of(lambda op: numpy_function(op) is not None and op.name not in INSIDE)
def test_value_is_numpys(call):
    theirs = numpy_function(call.op)
    if isinstance(theirs, np.ufunc):  # takes no keywords
        call = call._replace(positional=(*call.positional, *call.keywords.values()))
        call = call._replace(keywords={})
    expected = call.of(theirs, call.inputs)
    result = call.with_tensors(*map(Tensor, call.arrays()))
    assert result.shape == np.shape(expected)
    assert result.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(result.data, expected, rtol=1e-15, atol=0)


def test_scatter_add_is_add_at():
    index = np.array([0, 0, 2])
    expected = np.zeros(4)
    np.add.at(expected, index, [1.0, 2.0, 4.0])
    result = ag.scatter_add(Tensor([1.0, 2.0, 4.0]), index, (4,))
    np.testing.assert_array_equal(result.data, expected)


@every_call
def test_arrays_give_arrays(call):
    result = call(*call.inputs)
    assert not isinstance(result, Tensor)
    recorded = call.with_tensors(*map(Tensor, call.arrays()))
    np.testing.assert_array_equal(result, recorded.data)


@calls_of(lambda op: op.name != "astype")  # its sample asks for float64
def test_float32_stays_float32(call):
    inputs = [
        np.asarray(x, np.float32)
        if isinstance(x, np.ndarray) and x.dtype == float
        else x
        for x in call.inputs
    ]
    inputs = [np.float32(x) if isinstance(x, np.float64) else x for x in inputs]
    call = call._replace(inputs=tuple(inputs))
    leaves = [Tensor(x) for x in call.arrays(np.float32)]
    result = call.with_tensors(*leaves)
    assert result.dtype == np.float32
    seed = Tensor(np.ones(result.shape, np.float32))
    gradients = differentiate(result, seed, leaves, record=True)
    for leaf, gradient in zip(leaves, gradients, strict=True):
        assert gradient.dtype == np.float32
        assert gradient.shape == leaf.shape
        if gradient.requires_grad:
            ones = np.ones(gradient.shape, np.float32)[()]
            for second in differentiate(gradient, ones, [*leaves, seed], record=False):
                assert second is None or second.dtype == np.float32


@every_call
def test_nothing_is_changed_and_nothing_is_shared(call):
    arrays = call.arrays()
    leaves = [Tensor(x, copy=False) for x in arrays]
    result = call.with_tensors(*leaves)
    value = np.copy(result.data)
    seed = np.random.default_rng(0).normal(size=result.shape)
    seed_before = seed.copy()
    result.backward(seed)
    np.testing.assert_array_equal(seed, seed_before)
    np.testing.assert_array_equal(result.data, value)
    for array, original in zip(arrays, call.arrays(), strict=True):
        np.testing.assert_array_equal(array, original)
    gradients = [result.grad, *(leaf.grad for leaf in leaves)]
    for a, b in itertools.combinations(gradients, 2):
        assert not np.shares_memory(a, b)
    for gradient in gradients:
        for other in [seed, *arrays]:
            assert not np.shares_memory(gradient, other)


@calls_of(lambda op: op.fused is not None)
def test_second_implementation_equals_the_rules(call, monkeypatch):
    """What an operation does faster on arrays is what its forward and rules do."""

    def value_and_gradients():
        leaves = [Tensor(x) for x in call.arrays()]
        result = call.with_tensors(*leaves)
        result.backward(np.random.default_rng(0).normal(size=result.shape))
        return [result.data, *(leaf.grad for leaf in leaves)]

    fast = value_and_gradients()
    monkeypatch.setattr(call.op, "fused", None)
    for a, b in zip(fast, value_and_gradients(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


@every_call
def test_no_grad_gives_the_same_value(call):
    leaves = [Tensor(x) for x in call.arrays()]
    with ag.no_grad():
        result = call.with_tensors(*leaves)
    assert not result.requires_grad
    assert result.op is None
    np.testing.assert_array_equal(result.data, call.with_tensors(*leaves).data)


@calls_of(is_dispatched)
def test_numpy_dispatch(call):
    """np.NAME(tensor) is the same operation, whichever operand is the tensor."""
    theirs = getattr(np, call.op.name)
    for position in call.differentiated:
        inputs = list(call.inputs)
        inputs[position] = leaf = Tensor(inputs[position])
        result = call.of(theirs, inputs)
        assert isinstance(result, Tensor)
        assert result.op.name == call.op.name
        result.backward(np.ones(result.shape))
        ours = Tensor(leaf.data)
        inputs[position] = ours
        call(*inputs).backward(np.ones(result.shape))
        np.testing.assert_array_equal(leaf.grad, ours.grad)


@calls_of(lambda op: hasattr(Tensor, op.name) and op.name not in INSIDE)
def test_method(call):
    x = Tensor(np.asarray(call.inputs[0]))
    keywords = dict(call.keywords)
    positional = [keywords.pop(k) for k in POSITIONAL_IN_METHODS if k in keywords]
    method = getattr(x, call.op.name)
    result = method(*call.inputs[1:], *call.positional, *positional, **keywords)
    expected = call(*call.inputs)
    assert isinstance(result, Tensor)
    np.testing.assert_array_equal(result.data, expected)
    assert result.requires_grad == (x.dtype.kind == "f")


METHODS = {
    *("sum", "mean", "max", "min", "prod", "var", "std", "dot", "matmul", "clip"),
    *("reshape", "transpose", "squeeze", "expand_dims", "ravel", "swapaxes", "astype"),
    *("exp", "log", "expm1", "log1p", "sqrt", "square", "absolute"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan"),
    *("sigmoid", "relu", "softplus", "maximum", "minimum"),
}


def test_the_usual_methods_exist():
    assert set(dir(Tensor)) >= METHODS


# ---- shapes of elementwise operations ------------------------------------------------

SHAPES = [(), (0,), (1,), (2, 3)]
PAIRS = [((3, 1), (1, 2)), ((), (3,)), ((3,), ()), ((4, 1), (4, 0)), ((1,), (1, 1))]


TIES = ("maximum", "minimum", "fmax", "fmin", "arctan2", "hypot")

# Where arbitrary pairs of sample values would meet a kink or leave the domain.
DOMAINS = {"arctan2": lambda x: np.abs(x) + 0.1}


def values_of_shape(call: Call, position: int, shape: tuple[int, ...]):
    """Fill a shape with the sample's own values, so that they are in the domain."""
    source = np.ravel(np.asarray(call.inputs[position]))
    filled = np.resize(np.roll(source, -position), int(np.prod(shape)))
    return DOMAINS.get(call.op.name, np.array)(filled.reshape(shape))[()]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_elementwise_shape(op, shape):
    call = read_sample(op, op.samples[0])
    inputs = [values_of_shape(call, k, shape) for k in range(len(call.inputs))]
    call = call._replace(inputs=tuple(inputs))
    result = call.with_tensors(*map(Tensor, call.arrays()))
    assert result.shape == shape
    assert gradcheck(call.with_tensors, *call.arrays())


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize(
    "op", [op for op in ELEMENTWISE if len(op.vjps) > 1], ids=lambda op: op.name
)
def test_elementwise_broadcasting(op, shapes):
    call = read_sample(op, op.samples[0])
    pairs = [*shapes, shapes[0]]  # the third input, if any, has the first shape
    inputs = [values_of_shape(call, k, pairs[k]) for k in range(len(call.inputs))]
    call = call._replace(inputs=tuple(inputs))
    leaves = [Tensor(x) for x in call.arrays()]
    result = call.with_tensors(*leaves)
    assert result.shape == np.broadcast_shapes(*pairs[: len(inputs)])
    result.backward(np.ones(result.shape))
    for leaf in leaves:
        assert leaf.grad.shape == leaf.shape
    assert gradcheck(call.with_tensors, *call.arrays())


@pytest.mark.parametrize(
    "op",
    [op for op in ELEMENTWISE if len(op.vjps) == 2 and hasattr(np, op.name)],
    ids=lambda op: op.name,
)
def test_number_on_either_side_and_the_same_tensor_on_both(op):
    call = read_sample(op, op.samples[0])
    number = 1.25
    x = Tensor(np.abs(np.ravel(call.inputs[0])) + 0.5)
    for result in (op.function(x, number), op.function(number, x)):
        assert result.shape == x.shape
        assert result.dtype == np.float64
    left = op.function(x, number).data
    np.testing.assert_array_equal(left, numpy_function(op)(x.data, number))
    right = op.function(number, x).data
    np.testing.assert_array_equal(right, numpy_function(op)(number, x.data))
    if op.name not in TIES:  # a tie everywhere: see A09 in test_traps.py
        assert gradcheck(lambda t: op.function(t, t), x.data)


def test_limits_of_clip():
    x = np.array([-2.0, 0.3, 1.7, 0.9])
    low, high = np.array([-1.0, 0.5, 0.0, 1.5]), np.array([1.0, 2.0, 1.5, 1.2])
    assert gradcheck(ag.clip, x, low, high)
    assert gradcheck(ag.clip, x, np.float64(-1.1), np.float64(1.1))


def test_power_of_a_base_that_is_zero():
    base = np.array([0.0, 2.0, 3.0])
    assert gradcheck(lambda b: base**b, np.array([2.0, -0.5, 1.3]))


@pytest.mark.parametrize("position", [0, 1])
def test_dot_with_a_0d_tensor(position):
    inputs = [np.array([[0.5, -1.5], [2.0, 0.3]]), np.float64(1.7)]
    inputs = inputs if position else inputs[::-1]
    assert gradcheck(ag.dot, *inputs)
