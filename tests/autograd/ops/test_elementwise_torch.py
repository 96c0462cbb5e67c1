"""Elementwise functions and reductions against PyTorch: values, orders one and two."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.engine import differentiate

torch = pytest.importorskip("torch")
F = torch.nn.functional

rng = np.random.default_rng(3)
A, B = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
P = rng.uniform(0.3, 3.0, size=(3, 4))
UNIT = rng.uniform(-0.9, 0.9, size=(3, 4))
WIDE = np.array(
    [[-5.0, -2.3, -0.7, -0.2], [0.1, 0.4, 1.3, 2.5], [6.5, 30.0, -30.0, 0.7]]
)
TIES = np.array([[1.0, 3.0, 3.0, 0.0], [2.0, 2.0, 2.0, 2.0]])
ZEROS = np.array([[2.0, 0.0, 3.0, 4.0], [0.0, 5.0, 0.0, 1.0]])

CASES = {
    "exp2": (np.exp2, torch.exp2, (A,)),
    "log2": (np.log2, torch.log2, (P,)),
    "log10": (np.log10, torch.log10, (P,)),
    "logaddexp": (np.logaddexp, torch.logaddexp, (A, B)),
    "logaddexp2": (np.logaddexp2, torch.logaddexp2, (A, B)),
    "reciprocal": (np.reciprocal, torch.reciprocal, (P,)),
    "square": (np.square, torch.square, (A,)),
    "hypot": (np.hypot, torch.hypot, (A, B)),
    "float_power": (np.float_power, torch.float_power, (P, B)),
    "arctan2": (np.arctan2, torch.arctan2, (A, B)),
    "fmod": (np.fmod, torch.fmod, (A * 3, B)),
    "remainder": (np.remainder, torch.remainder, (A * 3, B)),
    "fmax": (np.fmax, torch.fmax, (A, B)),
    "fmin": (np.fmin, torch.fmin, (A, B)),
    "copysign": (np.copysign, torch.copysign, (A, B)),
    "degrees": (np.degrees, torch.rad2deg, (A,)),
    "radians": (np.radians, torch.deg2rad, (A,)),
    "sinc": (np.sinc, torch.sinc, (A,)),
    "arcsin": (np.arcsin, torch.arcsin, (UNIT,)),
    "arccos": (np.arccos, torch.arccos, (UNIT,)),
    "arcsinh": (np.arcsinh, torch.arcsinh, (A,)),
    "arccosh": (np.arccosh, torch.arccosh, (P + 1,)),
    "arctanh": (np.arctanh, torch.arctanh, (UNIT,)),
    "erf": (ag.erf, torch.erf, (A,)),
    "ndtr": (ag.ndtr, torch.special.ndtr, (A,)),
    "xlogy": (ag.xlogy, torch.xlogy, (A, P)),
    "sigmoid": (ag.sigmoid, torch.sigmoid, (WIDE,)),
    "log_sigmoid": (ag.log_sigmoid, F.logsigmoid, (WIDE,)),
    "softplus": (ag.softplus, lambda x: F.softplus(x, threshold=50), (WIDE,)),
    "silu": (ag.silu, F.silu, (WIDE,)),
    "mish": (ag.mish, F.mish, (WIDE,)),
    "gelu": (ag.gelu, F.gelu, (WIDE,)),
    "gelu-tanh": (
        lambda x: ag.gelu(x, approximate="tanh"),
        lambda x: F.gelu(x, approximate="tanh"),
        (WIDE,),
    ),
    "elu": (ag.elu, F.elu, (WIDE,)),
    "elu-alpha": (lambda x: ag.elu(x, 0.5), lambda x: F.elu(x, 0.5), (WIDE,)),
    "celu": (lambda x: ag.celu(x, 0.5), lambda x: F.celu(x, 0.5), (WIDE,)),
    "selu": (ag.selu, F.selu, (WIDE,)),
    "softsign": (ag.softsign, F.softsign, (WIDE,)),
    "tanhshrink": (ag.tanhshrink, F.tanhshrink, (WIDE,)),
    "glu": (ag.glu, F.glu, (WIDE,)),
    "glu-axis": (lambda x: ag.glu(x, 0), lambda x: F.glu(x, 0), (WIDE[:2],)),
    "leaky_relu": (
        lambda x: ag.leaky_relu(x, 0.2),
        lambda x: F.leaky_relu(x, 0.2),
        (WIDE,),
    ),
    "relu6": (ag.relu6, F.relu6, (WIDE,)),
    "hardtanh": (
        lambda x: ag.hardtanh(x, -0.5, 2.0),
        lambda x: F.hardtanh(x, -0.5, 2.0),
        (WIDE,),
    ),
    "hardsigmoid": (  # PyTorch's own rounds 1/6 to single precision
        ag.hardsigmoid,
        lambda x: F.relu6(x + 3) / 6,
        (WIDE,),
    ),
    "hardswish": (ag.hardswish, F.hardswish, (WIDE,)),
    "hardshrink": (ag.hardshrink, F.hardshrink, (WIDE,)),
    "softshrink": (ag.softshrink, F.softshrink, (WIDE,)),
    "floor": (np.floor, torch.floor, (A,)),
    "ceil": (np.ceil, torch.ceil, (A,)),
    "trunc": (np.trunc, torch.trunc, (A,)),
    "round": (np.round, torch.round, (A,)),
    "nan_to_num": (np.nan_to_num, torch.nan_to_num, (A,)),
    "logsumexp": (lambda x: ag.logsumexp(x, 1), lambda x: torch.logsumexp(x, 1), (A,)),
    "softmax": (lambda x: ag.softmax(x, 1), lambda x: torch.softmax(x, 1), (A,)),
    "softmin": (lambda x: ag.softmin(x, 0), lambda x: F.softmin(x, 0), (A,)),
    "log_softmax": (
        lambda x: ag.log_softmax(x, 0),
        lambda x: torch.log_softmax(x, 0),
        (A,),
    ),
    "cumsum": (lambda x: np.cumsum(x, 1), lambda x: torch.cumsum(x, 1), (A,)),
    "cumprod": (lambda x: np.cumprod(x, 1), lambda x: torch.cumprod(x, 1), (A,)),
    "cumprod-zeros": (
        lambda x: np.cumprod(x, 1),
        lambda x: torch.cumprod(x, 1),
        (ZEROS,),
    ),
    "var": (lambda x: np.var(x, 1), lambda x: torch.var(x, 1, correction=0), (A,)),
    "std": (
        lambda x: np.std(x, 0, ddof=1),
        lambda x: torch.std(x, 0, correction=1),
        (A,),
    ),
    "trace": (np.trace, torch.trace, (A,)),
    "quantile": (
        lambda x: np.quantile(x, 0.3, axis=1),
        lambda x: torch.quantile(x, 0.3, dim=1),
        (A,),
    ),
    "median-odd": (
        lambda x: np.median(x, 0),
        lambda x: torch.median(x, 0).values,
        (A,),
    ),
    "nansum": (np.nansum, torch.nansum, (A,)),
    "nanmean": (np.nanmean, torch.nanmean, (A,)),
    "ptp": (lambda x: np.ptp(x, 1), lambda x: x.amax(1) - x.amin(1), (TIES,)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient(name, dtype):
    ours, theirs, arrays = CASES[name]
    arrays = [np.ascontiguousarray(array, dtype) for array in arrays]
    leaves = [Tensor(array) for array in arrays]
    variables = [torch.tensor(array, requires_grad=True) for array in arrays]
    result, expected = ours(*leaves), theirs(*variables)
    seed = np.random.default_rng(1).normal(size=result.shape).astype(result.dtype)
    result.backward(seed)
    expected.backward(torch.tensor(seed))
    digits = 1e-12 if dtype == np.float64 else 3e-5
    np.testing.assert_allclose(
        result.data, expected.detach().numpy(), rtol=digits, atol=digits
    )
    for leaf, variable in zip(leaves, variables, strict=True):
        assert leaf.grad.dtype == dtype
        np.testing.assert_allclose(
            leaf.grad, variable.grad.numpy(), rtol=digits, atol=digits
        )


@pytest.mark.parametrize("name", CASES)
def test_second_derivative(name):
    """The gradient of a weighted sum of the gradients."""
    ours, theirs, arrays = CASES[name]
    leaves = [Tensor(array) for array in arrays]
    variables = [torch.tensor(array, requires_grad=True) for array in arrays]
    result, expected = ours(*leaves), theirs(*variables)
    weights = np.random.default_rng(2)
    seed = weights.normal(size=result.shape)
    first = differentiate(result, Tensor(seed), leaves, record=True)
    their_first = torch.autograd.grad(
        expected, variables, torch.tensor(seed), create_graph=True
    )
    directions = [weights.normal(size=leaf.shape) for leaf in leaves]
    total = sum((g * d).sum() for g, d in zip(first, directions, strict=True))
    their_total = sum(
        (g * torch.tensor(d)).sum()
        for g, d in zip(their_first, directions, strict=True)
    )
    second = differentiate(total, np.float64(1), leaves, record=False)
    their_second = (
        torch.autograd.grad(their_total, variables, allow_unused=True)
        if their_total.requires_grad
        else [None] * len(variables)
    )
    for leaf, found, exact in zip(leaves, second, their_second, strict=True):
        found = np.zeros(leaf.shape) if found is None else found
        exact = np.zeros(leaf.shape) if exact is None else exact.numpy()
        np.testing.assert_allclose(found, exact, rtol=1e-10, atol=1e-11)


def test_ties_of_fmax_are_shared_where_pytorch_takes_the_first():
    a, b = Tensor([1.0]), Tensor([1.0])
    np.fmax(a, b).backward()
    ta, tb = (torch.ones(1, requires_grad=True) for _ in range(2))
    torch.fmax(ta, tb).backward()
    assert (a.grad[0], b.grad[0]) == (0.5, 0.5)
    assert (ta.grad.item(), tb.grad.item()) == (1, 0)


def test_hypot_and_xlogy_differ_at_the_origin():
    """PyTorch gives NaN; here the subgradient of least norm, and the limit."""
    for ours, theirs in [(np.hypot, torch.hypot), (ag.xlogy, torch.xlogy)]:
        leaves = Tensor([0.0]), Tensor([0.0])
        ours(*leaves).backward()
        variables = [torch.zeros(1, requires_grad=True) for _ in range(2)]
        theirs(*variables).backward()
        assert [leaf.grad.tolist() for leaf in leaves] == [[0], [0]]
        assert variables[1].grad.isnan().all()
