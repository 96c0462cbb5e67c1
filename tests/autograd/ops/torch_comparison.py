"""Compare a function of ours with PyTorch's: values, gradients, gradients of those."""

import numpy as np
import pytest

from autograd import Tensor
from autograd.engine import differentiate

torch = pytest.importorskip("torch")

RTOL = {np.float64: 1e-10, np.float32: 1e-5}


def assert_close(found, expected, dtype, what):
    """Compare with an absolute error in proportion to the largest element."""
    expected = expected.detach().numpy()
    assert found.shape == expected.shape, what
    assert found.dtype == dtype, what
    largest = np.max(np.abs(expected), initial=1.0)
    np.testing.assert_allclose(
        found, expected, rtol=0, atol=RTOL[dtype] * largest, err_msg=what
    )


def assert_like_torch(ours, theirs, *arrays, dtype=np.float64, order=2):
    """Check value, order 1 and, in float64, order 2, with random cotangents.

    All arrays are differentiated; at order 2 the cotangent of order 1 is as well.
    """
    rng = np.random.default_rng(0)
    arrays = [np.asarray(a, dtype) for a in arrays]
    leaves = [Tensor(a) for a in arrays]
    copies = [torch.tensor(a, requires_grad=True) for a in arrays]
    out, expected = ours(*leaves), theirs(*copies)
    assert_close(out.data, expected, dtype, "value")
    g = np.asarray(rng.standard_normal(out.shape), dtype)
    out.backward(g)
    seed = torch.tensor(g, requires_grad=True)
    gradients = torch.autograd.grad(expected, copies, seed, create_graph=True)
    for k, (leaf, gradient) in enumerate(zip(leaves, gradients, strict=True)):
        assert_close(leaf.grad, gradient, dtype, f"gradient of input {k}")
    if order < 2 or dtype != np.float64:
        return
    own_seed = Tensor(g)
    products = differentiate(out, own_seed, leaves, record=True)
    cotangents = [rng.standard_normal(leaf.shape) for leaf in leaves]
    for k, (product, gradient) in enumerate(zip(products, gradients, strict=True)):
        if not gradient.requires_grad:
            assert not product.requires_grad
            continue
        wanted = [*copies, seed]
        second = torch.autograd.grad(
            gradient,
            wanted,
            torch.tensor(cotangents[k]),
            retain_graph=True,
            allow_unused=True,
        )
        own = differentiate(product, cotangents[k], [*leaves, own_seed], record=False)
        for j, (found, theirs_) in enumerate(zip(own, second, strict=True)):
            what = f"order 2, inputs {k} and {j}"
            if theirs_ is None:
                assert found is None or not np.any(found), what
            else:
                found = np.zeros(wanted[j].shape) if found is None else found
                assert_close(np.asarray(found), theirs_, dtype, what)
