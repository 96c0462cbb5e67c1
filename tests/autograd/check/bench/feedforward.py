"""Feed-forward networks, each with right backward passes derived in different ways."""

import numpy as np

# ---- the article's network: two sigmoid layers, one sample per column ----------------


def article_point(rng):
    parameters = {
        "W1": rng.standard_normal((4, 3)),
        "b1": np.zeros((4, 1)),
        "W2": rng.standard_normal((2, 4)),
        "b2": np.zeros((2, 1)),
    }
    return parameters, rng.standard_normal((3, 7)), rng.integers(0, 2, (2, 7))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def article_forward(parameters, X, Y):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = sigmoid(Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = sigmoid(Z2)
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    cost = -np.sum(logprobs) / Y.shape[1]
    return cost, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def article_backward(parameters, cache, X, Y):
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
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def article_full_chain(parameters, cache, X, Y):
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dA2 = (-Y / A2 + (1 - Y) / (1 - A2)) / m
    dZ2 = dA2 * A2 * (1 - A2)
    dW2 = dZ2 @ A1.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    dA1 = parameters["W2"].T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def article_unscaled_chain(parameters, cache, X, Y):
    m = Y.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dA2 = -np.divide(Y, A2) + np.divide(1 - Y, 1 - A2)
    dZ2 = np.multiply(dA2, np.multiply(A2, 1 - A2))
    dW2 = 1 / m * np.matmul(dZ2, A1.T)
    db2 = np.mean(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(parameters["W2"].T, dZ2) * sigmoid(cache["Z1"]) * (1 - A1)
    dW1 = 1.0 / m * np.dot(dZ1, X.T)
    db1 = np.mean(dZ1, axis=1).reshape(-1, 1)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def article_early_mean(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = (cache["A2"] - Y) / m
    grads = {}
    grads["dW2"] = dZ2 @ cache["A1"].T
    grads["db2"] = dZ2.sum(1, keepdims=True)
    dA1 = parameters["W2"].T @ dZ2
    dZ1 = dA1 * (cache["A1"] - cache["A1"] ** 2)
    grads["dW1"] = dZ1 @ X.T
    grads["db1"] = dZ1.sum(1)[:, None]
    return grads


def article_negative_delta(parameters, cache, X, Y):
    m = X.shape[1]
    A1 = cache["A1"]
    dZ2 = Y - cache["A2"]
    dZ1 = parameters["W2"].T @ dZ2 * A1 * (1 - A1)
    return {
        "dW1": -(dZ1 @ X.T) / m,
        "db1": -dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": -(dZ2 @ A1.T) / m,
        "db2": -dZ2.sum(axis=1, keepdims=True) / m,
    }


def article_other_spellings(parameters, cache, X, Y):
    m = X.shape[1]
    d_Z2 = cache["A2"] - Y
    grad_W2 = np.einsum("ik,jk->ij", d_Z2, cache["A1"]) / m
    b2_grad = np.sum(d_Z2, axis=1, keepdims=True) / m
    gradA1 = np.einsum("ji,jk->ik", parameters["W2"], d_Z2)
    d_Z1 = gradA1 * cache["A1"] * (1.0 - cache["A1"])
    grad_W1 = np.einsum("ik,jk->ij", d_Z1, X) / m
    b1_grad = np.sum(d_Z1, axis=1, keepdims=True) / m
    return {
        "grad_W1": grad_W1,
        "b1_grad": b1_grad,
        "grad_W2": grad_W2,
        "b2_grad": b2_grad,
    }


def article_sample_by_sample(parameters, cache, X, Y):
    m = X.shape[1]
    W2 = parameters["W2"]
    dW1, db1 = np.zeros_like(parameters["W1"]), np.zeros_like(parameters["b1"])
    dW2, db2 = np.zeros_like(W2), np.zeros_like(parameters["b2"])
    for i in range(m):
        x, a1 = X[:, [i]], cache["A1"][:, [i]]
        delta2 = cache["A2"][:, [i]] - Y[:, [i]]
        delta1 = W2.T @ delta2 * a1 * (1 - a1)
        dW2 += delta2 @ a1.T / m
        db2 += delta2 / m
        dW1 += delta1 @ x.T / m
        db1 += delta1 / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def article_derivative_called_dA1(parameters, cache, X, Y):
    m = X.shape[1]
    dA1 = cache["A1"] * (1 - cache["A1"])
    dZ2 = cache["A2"] - Y
    dZ1 = (parameters["W2"].T @ dZ2) * dA1
    dW2, db2 = dZ2 @ cache["A1"].T / m, dZ2.sum(1, keepdims=True) / m
    dW1, db1 = dZ1 @ X.T / m, dZ1.sum(1, keepdims=True) / m
    return {" dW1": dW1, "db1 ": db1, "dW2": dW2, "db2": db2}


def article_in_place(parameters, cache, X, Y):
    m = X.shape[1]
    A1 = cache["A1"]
    dZ2 = cache["A2"].copy()
    dZ2 -= Y
    dZ1 = (dZ2.T @ parameters["W2"]).T
    dZ1 *= A1
    dZ1 *= 1 - A1
    dW2 = (A1 @ dZ2.T).T
    dW2 /= m
    dW1 = (X @ dZ1.T).T
    dW1 /= m
    db1, db2 = (np.mean(d, axis=1, keepdims=True) for d in (dZ1, dZ2))
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def article_keys_without_d(parameters, cache, X, Y):
    scale = 1 / X.shape[1]
    delta = scale * (cache["A2"] - Y)
    back = (parameters["W2"].T @ delta) * cache["A1"] * (1 - cache["A1"])
    ones = np.ones((X.shape[1], 1))
    return {
        "W2": delta @ cache["A1"].T,
        "b2": delta @ ones,
        "W1": back @ X.T,
        "b1": back @ ones,
    }


# ---- three layers: tanh, relu, linear; squared error and L2; one sample per row
# --------


def deep_point(rng):
    parameters = {
        "W1": rng.standard_normal((3, 5)),
        "b1": np.zeros(5),
        "W2": rng.standard_normal((5, 4)),
        "b2": np.zeros(4),
        "W3": rng.standard_normal((4, 2)),
        "b3": np.zeros(2),
    }
    return parameters, rng.standard_normal((7, 3)), rng.standard_normal((7, 2)), 0.3


def deep_forward(parameters, X, Y, lam):
    m = X.shape[0]
    W1, W2, W3 = parameters["W1"], parameters["W2"], parameters["W3"]
    Z1 = X @ W1 + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2 + parameters["b2"]
    A2 = np.maximum(0, Z2)
    Z3 = A2 @ W3 + parameters["b3"]
    penalty = np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2)
    cost = np.sum((Z3 - Y) ** 2) / m + lam / (2 * m) * penalty
    return cost, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "Z3": Z3}


def deep_backward(parameters, cache, X, Y, lam):
    m = X.shape[0]
    W1, W2, W3 = parameters["W1"], parameters["W2"], parameters["W3"]
    A1, Z2, A2, Z3 = cache["A1"], cache["Z2"], cache["A2"], cache["Z3"]
    dZ3 = 2 * (Z3 - Y) / m
    dW3 = A2.T @ dZ3 + lam / m * W3
    db3 = np.sum(dZ3, axis=0)
    dA2 = dZ3 @ W3.T
    dZ2 = dA2 * (Z2 > 0)
    dW2 = A1.T @ dZ2 + lam / m * W2
    db2 = np.sum(dZ2, axis=0)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (1 - A1**2)
    dW1 = X.T @ dZ1 + lam / m * W1
    db1 = np.sum(dZ1, axis=0)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dW3": dW3, "db3": db3}


def deep_late_mean(parameters, cache, X, Y, lam):
    m = len(X)
    dZ3 = 2 * (cache["Z3"] - Y)
    dW3 = (cache["A2"].T @ dZ3 + lam * parameters["W3"]) / m
    db3 = dZ3.mean(axis=0)
    dZ2 = dZ3 @ parameters["W3"].T
    dZ2[cache["Z2"] <= 0] = 0
    dW2 = (cache["A1"].T @ dZ2 + lam * parameters["W2"]) / m
    db2 = dZ2.mean(axis=0)
    dZ1 = dZ2 @ parameters["W2"].T / np.cosh(cache["Z1"]) ** 2
    dW1 = (X.T @ dZ1 + lam * parameters["W1"]) / m
    db1 = dZ1.mean(axis=0)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dW3": dW3, "db3": db3}


def deep_half_scale(parameters, cache, X, Y, lam):
    m = len(X)
    dZ3 = cache["Z3"] - Y
    dZ2 = (dZ3 @ parameters["W3"].T) * np.where(cache["A2"] > 0, 1, 0)
    dZ1 = (dZ2 @ parameters["W2"].T) * (1 + cache["A1"]) * (1 - cache["A1"])
    grads = {}
    for k, dZ, A in ((3, dZ3, cache["A2"]), (2, dZ2, cache["A1"]), (1, dZ1, X)):
        grads[f"dW{k}"] = 2 / m * (A.T @ dZ) + lam / m * parameters[f"W{k}"]
        grads[f"db{k}"] = 2 / m * dZ.sum(0)
    return grads


def deep_penalty_added_later(parameters, cache, X, Y, lam):
    m = X.shape[0]
    dZ3 = (cache["Z3"] - Y) * 2 / m
    dA2 = np.dot(dZ3, parameters["W3"].T)
    dZ2 = np.multiply(dA2, np.sign(cache["A2"]))
    dA1 = np.dot(dZ2, parameters["W2"].T)
    dZ1 = np.multiply(dA1, 1 - np.tanh(cache["Z1"]) ** 2)
    dW3 = np.dot(cache["A2"].T, dZ3)
    dW3 += lam * parameters["W3"] / m
    dW2 = np.dot(cache["A1"].T, dZ2)
    dW2 += lam * parameters["W2"] / m
    dW1 = np.dot(X.T, dZ1)
    dW1 += lam * parameters["W1"] / m
    db3, db2, db1 = dZ3.sum(0), dZ2.sum(0), dZ1.sum(0)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dW3": dW3, "db3": db3}


def deep_transposed_products(parameters, cache, X, Y, lam):
    m = X.shape[0]
    D3 = 2 * (cache["Z3"] - Y).T / m
    D2 = (parameters["W3"] @ D3) * (cache["Z2"].T > 0)
    D1 = (parameters["W2"] @ D2) * (1 - cache["A1"].T ** 2)
    return {
        "dW3": (D3 @ cache["A2"]).T + lam / m * parameters["W3"],
        "db3": D3.sum(axis=1),
        "dW2": (D2 @ cache["A1"]).T + lam / m * parameters["W2"],
        "db2": D2.sum(axis=1),
        "dW1": (D1 @ X).T + lam / m * parameters["W1"],
        "db1": D1.sum(axis=1),
    }


# ---- softmax regression
# ----------------------------------------------------------------


def softmax_point(rng):
    parameters = {"W": rng.standard_normal((4, 3)), "b": np.zeros((1, 3))}
    return parameters, rng.standard_normal((7, 4)), np.eye(3)[rng.integers(0, 3, 7)]


def softmax_forward(parameters, X, Y):
    Z = X @ parameters["W"] + parameters["b"]
    E = np.exp(Z)
    S = np.sum(E, axis=1, keepdims=True)
    P = E / S
    cost = -np.sum(Y * np.log(P)) / X.shape[0] + 0.1 * np.sum(parameters["W"] ** 2)
    return cost, {"Z": Z, "E": E, "S": S, "P": P}


def softmax_backward(parameters, cache, X, Y):
    m = X.shape[0]
    W, P, E, S = parameters["W"], cache["P"], cache["E"], cache["S"]
    dP = -Y / P / m
    dS = np.sum(-dP * E / S**2, axis=1, keepdims=True)
    dE = dP / S + dS
    dZ = dE * E
    dW = X.T @ dZ + 0.2 * W
    db = np.sum(dZ, axis=0, keepdims=True)
    return {"dW": dW, "db": db}


def softmax_fused(parameters, cache, X, Y):
    m = X.shape[0]
    dZ = cache["P"] - Y
    dW = X.T @ dZ / m + 2 * 0.1 * parameters["W"]
    db = np.sum(dZ, axis=0, keepdims=True) / m
    return {"dW": dW, "db": db}


def softmax_jacobian(parameters, cache, X, Y):
    m = X.shape[0]
    P = cache["P"]
    dP = -(Y / P)
    dZ = P * (dP - np.sum(dP * P, axis=1, keepdims=True)) / m
    return {"dW": X.T @ dZ + 0.2 * parameters["W"], "db": dZ.sum(0)[None, :]}


def softmax_rows(parameters, cache, X, Y):
    m = len(X)
    dZ = np.zeros_like(cache["P"])
    for i in range(m):
        p = cache["P"][i]
        jacobian = np.diag(p) - np.outer(p, p)
        dZ[i] = jacobian @ (-Y[i] / p) / m
    dW = 0.2 * parameters["W"]
    db = np.zeros_like(parameters["b"])
    for i in range(m):
        dW = dW + np.outer(X[i], dZ[i])
        db = db + dZ[i]
    return {"dW": dW, "db": db}


def softmax_fancy_index(parameters, cache, X, Y):
    m = X.shape[0]
    dZ = cache["P"].copy()
    dZ[np.arange(m), Y.argmax(axis=1)] -= 1
    dZ /= m
    dW = X.T.dot(dZ)
    db = np.sum(dZ, axis=0, keepdims=True)
    dW += 0.2 * parameters["W"]
    return {"dW": dW, "db": db}


def softmax_one_path_named_late(parameters, cache, X, Y):
    m = X.shape[0]
    E, S = cache["E"], cache["S"]
    dP = -Y * S / E
    dE = dP / S
    dS = -np.sum(dP * E, axis=1, keepdims=True) / S**2
    dE += dS * np.ones_like(E)
    dZ = dE * E / m
    return {"dW": X.T @ dZ + 0.2 * parameters["W"], "db": np.sum(dZ, 0, keepdims=True)}


def softmax_minus_one_hot(parameters, cache, X, Y):
    m = X.shape[0]
    dZ = (Y * (cache["P"] - 1) + (1 - Y) * cache["P"]) / m
    dW = np.tensordot(X, dZ, axes=(0, 0)) + 0.2 * parameters["W"]
    return {"dW": dW, "db": np.ones((1, m)) @ dZ}


def deep_gradients_with_underscores(parameters, cache, X, Y, lam):
    m = X.shape[0]
    d_Z3 = 2 / m * np.subtract(cache["Z3"], Y)
    d_W3 = np.matmul(cache["A2"].T, d_Z3) + np.multiply(lam / m, parameters["W3"])
    d_A2 = np.matmul(d_Z3, parameters["W3"].T)
    d_Z2 = np.where(cache["Z2"] > 0, d_A2, 0.0)
    d_W2 = np.matmul(cache["A1"].T, d_Z2) + np.multiply(lam / m, parameters["W2"])
    d_A1 = np.matmul(d_Z2, parameters["W2"].T)
    d_Z1 = d_A1 - d_A1 * np.square(cache["A1"])
    d_W1 = np.matmul(X.T, d_Z1) + np.multiply(lam / m, parameters["W1"])
    d_b3, d_b2, d_b1 = d_Z3.sum(axis=0), d_Z2.sum(axis=0), d_Z1.sum(axis=0)
    return {
        "d_W1": d_W1, "d_b1": d_b1, "d_W2": d_W2, "d_b2": d_b2, "d_W3": d_W3, "d_b3":
        d_b3,
    }  # fmt: skip
