"""Linear algebra, under the names of ``numpy.linalg``: ``autograd.linalg.inv(A)``.

The operations live in ``autograd/ops``, next to the other matrix products.
"""

from typing import Any

import numpy as np

from autograd.errors import LinAlgError
from autograd.ops.axes import matrix_transpose
from autograd.ops.chains import matrix_power, multi_dot
from autograd.ops.decomposition import (
    EighResult,
    SVDResult,
    eigh,
    eigvalsh,
    svd,
    svdvals,
)
from autograd.ops.determinants import SlogdetResult, det, slogdet
from autograd.ops.diagonals import diagonal as _diagonal
from autograd.ops.factorization import QRResult, cholesky, qr
from autograd.ops.matmul import matmul
from autograd.ops.norms import cond, matrix_norm, norm, vector_norm
from autograd.ops.products import cross, outer, tensordot, vecdot
from autograd.ops.systems import inv, pinv, solve, tensorinv, tensorsolve
from autograd.primitive import composed

__all__ = [
    "EighResult",
    "LinAlgError",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vecdot",
    "vector_norm",
]


composed(numpy=(np.linalg.matmul,), method=False)(matmul)


@composed(numpy=(np.linalg.diagonal,), method=False)
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """Return the diagonal of each matrix of a batch, shape (..., n, m).

    Examples
    --------
    >>> from autograd import Tensor, linalg
    >>> linalg.diagonal(Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    Tensor([[1., 4.]], op=getitem)
    """
    return _diagonal(x, offset, -2, -1)


@composed(numpy=(np.linalg.trace,), method=False)
def trace(x: Any, /, *, offset: int = 0) -> Any:
    """Return the sum of the diagonal of each matrix of a batch, shape (..., n, m).

    Examples
    --------
    >>> from autograd import Tensor, linalg
    >>> linalg.trace(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor(5., op=sum)
    """
    return np.sum(diagonal(x, offset=offset), axis=-1)
