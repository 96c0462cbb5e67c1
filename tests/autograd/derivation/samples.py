"""One recorded result for each sample of each operation."""

import numpy as np

from autograd import PRIMITIVES, Tensor

OURS = {
    name: op
    for name, op in PRIMITIVES.items()
    if op.forward.__module__.startswith("autograd.ops.")
}


def record(name, sample):
    """Run an operation on its sample; floating-point inputs become named leaves."""
    op = PRIMITIVES[name]
    arguments = list(sample)
    settings = arguments.pop() if isinstance(arguments[-1], dict) else {}
    if op.sequence:
        inputs, rest = arguments[0], arguments[1:]
        return op.function(
            [leaf(x, i) for i, x in enumerate(inputs)], *rest, **settings
        )
    count = len(op.vjps)
    leaves = [leaf(x, i) for i, x in enumerate(arguments[:count])]
    return op.function(*leaves, *arguments[count:], **settings)


def leaf(value, position):
    if np.asarray(value).dtype.kind != "f":
        return value
    return Tensor(value, name=f"x{position}")
