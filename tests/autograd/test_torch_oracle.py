"""Values and gradients against PyTorch, where it is installed."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

torch = pytest.importorskip("torch")

rng = np.random.default_rng(0)
A, B = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
M, V = rng.normal(size=(4, 2)), rng.normal(size=4)
P = rng.uniform(0.3, 2.0, size=(3, 4))
BATCH, STACK = rng.normal(size=(1, 5, 3, 4)), rng.normal(size=(2, 1, 4, 2))
TIES = np.array([[1.0, 3.0, 3.0, 0.0], [2.0, 2.0, 2.0, 2.0]])

CASES = {
    "add": (lambda a, b: a + b, lambda a, b: a + b, (A, B)),
    "subtract-broadcast": (lambda a, b: a - b, lambda a, b: a - b, (A, V)),
    "multiply": (lambda a, b: a * b, lambda a, b: a * b, (A, B[:, :1])),
    "divide": (lambda a, b: a / b, lambda a, b: a / b, (A, P)),
    "power": (lambda a, b: a**b, lambda a, b: a**b, (P, B)),
    "power-2": (lambda a: a**2, lambda a: a**2, (A,)),
    "power-negative-base": (lambda a: a**3, lambda a: a**3, (-P,)),
    "exp": (np.exp, torch.exp, (A,)),
    "expm1": (np.expm1, torch.expm1, (A,)),
    "log": (np.log, torch.log, (P,)),
    "log1p": (np.log1p, torch.log1p, (P,)),
    "sqrt": (np.sqrt, torch.sqrt, (P,)),
    "abs": (np.abs, torch.abs, (A,)),
    "sin": (np.sin, torch.sin, (A,)),
    "cos": (np.cos, torch.cos, (A,)),
    "tan": (np.tan, torch.tan, (A,)),
    "arctan": (np.arctan, torch.arctan, (A,)),
    "sinh": (np.sinh, torch.sinh, (A,)),
    "cosh": (np.cosh, torch.cosh, (A,)),
    "tanh": (np.tanh, torch.tanh, (A,)),
    "sigmoid": (ag.sigmoid, torch.sigmoid, (A,)),
    "softplus": (ag.softplus, torch.nn.functional.softplus, (A,)),
    "relu": (ag.relu, torch.relu, (A,)),
    "relu-at-0": (ag.relu, torch.relu, (np.array([-1.0, 0.0, 2.0]),)),
    "maximum": (np.maximum, torch.maximum, (A, B)),
    "maximum-ties": (np.maximum, torch.maximum, (TIES, TIES[::-1])),
    "minimum-ties": (np.minimum, torch.minimum, (TIES, TIES[::-1])),
    "clip": (lambda a: np.clip(a, -0.5, 1), lambda a: a.clamp(-0.5, 1), (A,)),
    "clip-at-bounds": (lambda a: np.clip(a, 0, 1), lambda a: a.clamp(0, 1), (TIES,)),
    "where": (
        lambda a, b: np.where(a > 0, a, b),
        lambda a, b: torch.where(a > 0, a, b),
        (A, B),
    ),
    "sum": (lambda a: np.sum(a, axis=0), lambda a: a.sum(0), (A,)),
    "mean": (lambda a: np.mean(a, axis=1), lambda a: a.mean(1), (A,)),
    "prod": (lambda a: np.prod(a, axis=1), lambda a: a.prod(1), (A,)),
    "prod-zeros": (np.prod, torch.prod, (np.array([2.0, 0.0, 3.0]),)),
    "max": (lambda a: np.max(a, axis=1), lambda a: a.amax(1), (A,)),
    "max-ties": (lambda a: np.max(a, axis=1), lambda a: a.amax(1), (TIES,)),
    "max-all-ties": (np.max, torch.max, (TIES,)),
    "min-ties": (lambda a: np.min(a, axis=0), lambda a: a.amin(0), (TIES,)),
    "var": (lambda a: np.var(a, ddof=1), lambda a: a.var(), (A,)),
    "std": (
        lambda a: np.std(a, axis=1),
        lambda a: a.std(1, unbiased=False),
        (A,),
    ),
    "matmul": (lambda a, b: a @ b, lambda a, b: a @ b, (A, M)),
    "matrix-vector": (lambda a, b: a @ b, lambda a, b: a @ b, (A, V)),
    "vector-matrix": (lambda a, b: a @ b, lambda a, b: a @ b, (V, M)),
    "batch": (lambda a, b: a @ b, lambda a, b: a @ b, (BATCH, STACK)),
    "dot": (np.dot, torch.mm, (A, M)),
    "reshape": (lambda a: a.reshape(2, 6), lambda a: a.reshape(2, 6), (A,)),
    "transpose": (
        lambda a: np.transpose(a, (0, 2, 3, 1)),
        lambda a: a.permute(0, 2, 3, 1),
        (BATCH,),
    ),
    "index": (lambda a: a[1:, ::2], lambda a: a[1:, ::2], (A,)),
    "index-repeated": (
        lambda a: a[np.array([0, 0, 2])],
        lambda a: a[torch.tensor([0, 0, 2])],
        (A,),
    ),
    "index-mask": (lambda a: a[a > 0], lambda a: a[a > 0], (A,)),
    "concatenate": (
        lambda a, b: np.concatenate([a, b], 1),
        lambda a, b: torch.cat([a, b], 1),
        (A, B),
    ),
    "stack": (
        lambda a, b: np.stack([a, b], -1),
        lambda a, b: torch.stack([a, b], -1),
        (A, B),
    ),
    "softmax-by-hand": (
        lambda a: np.exp(a) / np.sum(np.exp(a), axis=1, keepdims=True),
        lambda a: torch.softmax(a, 1),
        (A,),
    ),
    "two-layers": (
        lambda x, w: np.mean(np.tanh(x @ w) ** 2),
        lambda x, w: (torch.tanh(x @ w) ** 2).mean(),
        (A, M),
    ),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient(name, dtype):
    ours, theirs, arrays = CASES[name]
    arrays = [np.ascontiguousarray(array, dtype) for array in arrays]
    leaves = [Tensor(array) for array in arrays]
    variables = [torch.tensor(array, requires_grad=True) for array in arrays]
    result, expected = ours(*leaves), theirs(*variables)
    seed = np.random.default_rng(1).normal(size=result.shape).astype(dtype)
    result.backward(seed)
    expected.backward(torch.tensor(seed))
    digits = 1e-12 if dtype == np.float64 else 2e-5
    assert result.dtype == dtype
    np.testing.assert_allclose(
        result.data, expected.detach().numpy(), rtol=digits, atol=digits
    )
    for leaf, variable in zip(leaves, variables, strict=True):
        np.testing.assert_allclose(
            leaf.grad, variable.grad.numpy(), rtol=digits, atol=digits
        )


@pytest.mark.parametrize(
    "base", [[0.0, 0.0, 0.0, 0.0], [-2.0, 2.0, 1.0, 0.5]], ids=["zero", "mixed"]
)
def test_power_at_special_points(base):
    a, b = Tensor(base), Tensor([0.0, 1.0, 2.0, -1.0])
    ta, tb = (torch.tensor(x.data, requires_grad=True) for x in (a, b))
    with np.errstate(all="ignore"):
        (a**b).backward(np.ones(4))
    (ta**tb).sum().backward()
    np.testing.assert_array_equal(a.grad, ta.grad.numpy())
    np.testing.assert_allclose(b.grad, tb.grad.numpy(), rtol=1e-15)
