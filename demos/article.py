"""The article's network, written by hand in plain NumPy.

Two layers for binary classification, with one sample per column:

    Z1 = W1 X + b1     A1 = sigmoid(Z1)
    Z2 = W2 A1 + b2    A2 = sigmoid(Z2)

In the shapes below ``n_x`` counts features, ``n_h`` hidden units, ``n_y`` outputs and
``m`` samples.
"""

import numpy as np


def initialize_parameters(n_x, n_h, n_y, *, rng):
    """Draw small random weights, and set the biases to zero.

    Parameters
    ----------
    n_x, n_h, n_y : int
        Sizes of the input, the hidden layer and the output.
    rng : numpy.random.Generator
        Where the weights are drawn from.

    Returns
    -------
    dict
        ``W1``, shape (n_h, n_x); ``b1``, shape (n_h, 1); ``W2``, shape (n_y, n_h);
        ``b2``, shape (n_y, 1).

    Examples
    --------
    >>> parameters = initialize_parameters(2, 3, 1, rng=np.random.default_rng(0))
    >>> {name: value.shape for name, value in parameters.items()}
    {'W1': (3, 2), 'b1': (3, 1), 'W2': (1, 3), 'b2': (1, 1)}
    """
    return {
        "W1": rng.standard_normal((n_h, n_x)) * 0.01,
        "b1": np.zeros((n_h, 1)),
        "W2": rng.standard_normal((n_y, n_h)) * 0.01,
        "b2": np.zeros((n_y, 1)),
    }


def sigmoid(z):
    """Squash every element into (0, 1): ``1 / (1 + exp(-z))``.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of z

    Examples
    --------
    >>> sigmoid(np.array([-2.0, 0.0, 2.0])).round(4)
    array([0.1192, 0.5   , 0.8808])
    """
    return 1 / (1 + np.exp(-z))


def forward_propagation(X, parameters):
    """Compute the network's output.

    Parameters
    ----------
    X : array, shape (n_x, m)
        The samples, one per column.
    parameters : dict
        ``W1 b1 W2 b2`` as from `initialize_parameters`.

    Returns
    -------
    A2 : array, shape (n_y, m)
        The probability of class 1, for every sample.
    cache : dict
        The steps on the way: ``Z1`` and ``A1``, shape (n_h, m); ``Z2`` and ``A2``,
        shape (n_y, m).

    Examples
    --------
    >>> parameters = {
    ...     "W1": np.array([[1.0, -1.0]]),
    ...     "b1": np.array([[0.0]]),
    ...     "W2": np.array([[2.0]]),
    ...     "b2": np.array([[-1.0]]),
    ... }
    >>> X = np.array([[1.0, 3.0], [1.0, 1.0]])
    >>> A2, cache = forward_propagation(X, parameters)
    >>> A2.round(4)
    array([[0.5   , 0.6817]])
    >>> cache["Z1"]
    array([[0., 2.]])
    """
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]

    Z1 = np.dot(W1, X) + b1
    A1 = sigmoid(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)

    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def compute_cost(A2, Y):
    """Compute the binary cross-entropy, averaged over the samples.

    Parameters
    ----------
    A2 : array, shape (1, m)
        The probability of class 1, for every sample.
    Y : array, shape (1, m)
        The true classes, 0 or 1.

    Returns
    -------
    float
        ``-1/m sum(y log(a) + (1 - y) log(1 - a))``.

    Examples
    --------
    >>> A2 = np.array([[0.5, 0.9]])
    >>> Y = np.array([[1, 1]])
    >>> print(round(compute_cost(A2, Y), 4))
    0.3993
    """
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    cost = -np.sum(logprobs) / m
    return np.squeeze(cost)


def backward_propagation(parameters, cache, X, Y):
    """Compute the gradients that were derived by hand.

    Parameters
    ----------
    parameters : dict
        ``W1 b1 W2 b2`` as from `initialize_parameters`.
    cache : dict
        ``Z1 A1 Z2 A2`` as from `forward_propagation`.
    X : array, shape (n_x, m)
        The samples.
    Y : array, shape (1, m)
        The true classes, 0 or 1.

    Returns
    -------
    dict
        ``dW1 db1 dW2 db2``, the gradients of the cost, in the shapes of the parameters,
        and ``dZ1 dA1 dZ2``, in the shapes of ``Z1``, ``A1`` and ``Z2``.

    Notes
    -----
    The cost is a mean over m samples.  By the article's convention the factor 1/m
    enters only with ``dW`` and ``db``, so ``dZ2``, ``dA1`` and ``dZ1`` are m times the
    gradients of the cost.

    The two activations meet their derivatives in different places.  At the output,
    ``A2 (1 - A2)`` cancels against the derivative of the cross-entropy and leaves
    ``A2 - Y``; in the hidden layer ``A1 (1 - A1)`` stays.

    Examples
    --------
    With all parameters zero every sample gets probability 1/2:

    >>> parameters = {
    ...     "W1": np.zeros((2, 1)),
    ...     "b1": np.zeros((2, 1)),
    ...     "W2": np.zeros((1, 2)),
    ...     "b2": np.zeros((1, 1)),
    ... }
    >>> X, Y = np.array([[-1.0, 1.0, 2.0, 4.0]]), np.array([[0, 1, 1, 1]])
    >>> _, cache = forward_propagation(X, parameters)
    >>> grads = backward_propagation(parameters, cache, X, Y)
    >>> grads["dZ2"]
    array([[ 0.5, -0.5, -0.5, -0.5]])
    >>> grads["db2"]
    array([[-0.25]])
    """
    m = X.shape[1]
    W2 = parameters["W2"]
    A1, A2 = cache["A1"], cache["A2"]

    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, A1 * (1 - A1))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    return {
        "dZ2": dZ2,
        "dW2": dW2,
        "db2": db2,
        "dA1": dA1,
        "dZ1": dZ1,
        "dW1": dW1,
        "db1": db1,
    }


def update_parameters(parameters, grads, learning_rate):
    """Take one step of gradient descent.

    Parameters
    ----------
    parameters : dict
        ``W1 b1 W2 b2`` as from `initialize_parameters`; left unchanged.
    grads : dict
        ``dW1 db1 dW2 db2`` as from `backward_propagation`.
    learning_rate : float

    Returns
    -------
    dict
        The new parameters.

    Examples
    --------
    Six samples on a line, of class 1 where x is above 2:

    >>> X = np.array([[0.0, 1.0, 1.5, 2.5, 3.0, 4.0]])
    >>> Y = np.array([[0, 0, 0, 1, 1, 1]])
    >>> parameters = initialize_parameters(1, 3, 1, rng=np.random.default_rng(0))
    >>> for step in range(2001):
    ...     A2, cache = forward_propagation(X, parameters)
    ...     if step % 1000 == 0:
    ...         print(f"step {step:4}: cost {compute_cost(A2, Y):.3f}")
    ...     grads = backward_propagation(parameters, cache, X, Y)
    ...     parameters = update_parameters(parameters, grads, learning_rate=1.0)
    step    0: cost 0.693
    step 1000: cost 0.004
    step 2000: cost 0.002
    >>> predict(X, parameters)
    array([[False, False, False,  True,  True,  True]])
    """
    return {
        name: value - learning_rate * grads["d" + name]
        for name, value in parameters.items()
    }


def predict(X, parameters):
    """Predict the class of every sample: 1 where the probability is above one half.

    Parameters
    ----------
    X : array, shape (n_x, m)
        The samples.
    parameters : dict
        ``W1 b1 W2 b2`` as from `initialize_parameters`.

    Returns
    -------
    array of bool, shape (n_y, m)

    Examples
    --------
    >>> parameters = {
    ...     "W1": np.array([[1.0]]),
    ...     "b1": np.array([[-2.0]]),
    ...     "W2": np.array([[1.0]]),
    ...     "b2": np.array([[-0.5]]),
    ... }
    >>> predict(np.array([[1.0, 3.0]]), parameters)
    array([[False,  True]])
    """
    A2, _ = forward_propagation(X, parameters)
    return A2 > 0.5
