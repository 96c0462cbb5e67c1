"""Pieces of hand-written backward passes that several workloads share."""

import numpy as np


def row_sum(x):
    """Sum along the last axis by a matrix-vector product, which is fastest."""
    return (x @ np.ones(x.shape[-1], x.dtype))[..., None]


def column_sum(x):
    """Sum over the rows by a matrix-vector product, which is fastest."""
    return np.ones(len(x), x.dtype) @ x


def softmax_loss(z, y):
    """Return the mean cross entropy and its gradient; overwrites the logits."""
    rows = np.arange(len(y))
    z -= z.max(axis=1, keepdims=True)
    right = z[rows, y]
    np.exp(z, out=z)
    sums = row_sum(z)
    loss = (np.log(sums).sum() - right.sum()) / len(y)
    z /= sums
    z[rows, y] -= 1
    z /= len(y)
    return loss, z


def sigmoid_in_place(x):
    """Overwrite an array with its logistic function."""
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    np.divide(1, x, out=x)


def tensors(parameters):
    """Wrap the parameters of a workload, in their order."""
    from autograd import Tensor

    return {name: Tensor(value, name=name) for name, value in parameters.items()}


def gradients(parameters):
    """Take the gradients of a step, so that the next one starts anew."""
    taken = {name: p.grad for name, p in parameters.items()}
    for p in parameters.values():
        p.grad = None
    return taken


class Step:
    """One training step with chalkgrad: the loss and the gradients.

    Parameters
    ----------
    forward : callable
        Returns the result to differentiate.
    parameters : dict of str to Tensor
        The leaves.
    keep : {"all", "leaves"}
        Which gradients are kept.
    gradient : ndarray, optional
        The cotangent of the result.
    """

    def __init__(self, forward, parameters, keep, gradient=None):
        self.forward = forward
        self.parameters = parameters
        self.keep = keep
        self.gradient = gradient

    def __call__(self):
        """Return the loss and the gradients."""
        result = self.forward()
        result.backward(self.gradient, keep=self.keep)
        return result.data.flat[0], gradients(self.parameters)
