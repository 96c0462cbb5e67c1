"""Batch norm, a recurrent net, convolutions and attention, with right derivations."""

import numpy as np

# ---- batch norm and cross-entropy, one operation a line
# ---------------------------------


def norm_point(rng):
    parameters = {
        "W1": rng.standard_normal((4, 6)),
        "b1": np.zeros(6),
        "gain": np.ones((1, 6)),
        "bias": np.zeros((1, 6)),
        "W2": rng.standard_normal((6, 3)),
        "b2": np.zeros(3),
    }
    return parameters, rng.standard_normal((7, 4)), rng.integers(0, 3, 7)


def norm_forward(parameters, X, Y):
    n = X.shape[0]
    pre = X @ parameters["W1"] + parameters["b1"]
    mean = np.sum(pre, axis=0, keepdims=True) / n
    diff = pre - mean
    diff2 = diff**2
    var = np.sum(diff2, axis=0, keepdims=True) / (n - 1)
    inv = (var + 1e-5) ** -0.5
    raw = diff * inv
    act = parameters["gain"] * raw + parameters["bias"]
    h = np.tanh(act)
    logits = h @ parameters["W2"] + parameters["b2"]
    maxes = np.max(logits, axis=1, keepdims=True)
    norm = logits - maxes
    counts = np.exp(norm)
    total = np.sum(counts, axis=1, keepdims=True)
    totalinv = total**-1
    probs = counts * totalinv
    logprobs = np.log(probs)
    cost = -np.sum(logprobs[np.arange(n), Y]) / n
    names = locals()
    kept = (
        "pre mean diff diff2 var inv raw act h logits maxes norm counts total totalinv "
        "probs logprobs"
    )
    return cost, {name: names[name] for name in kept.split()}


def norm_backward(parameters, cache, X, Y):
    n = X.shape[0]
    W2, gain = parameters["W2"], parameters["gain"]
    probs, counts, totalinv, total = (
        cache["probs"], cache["counts"], cache["totalinv"], cache["total"],
    )  # fmt: skip
    diff, inv, var, raw = cache["diff"], cache["inv"], cache["var"], cache["raw"]
    h, logits, maxes = cache["h"], cache["logits"], cache["maxes"]
    dlogprobs = np.zeros((n, 3))
    dlogprobs[np.arange(n), Y] = -1 / n
    dprobs = dlogprobs / probs
    dtotalinv = np.sum(dprobs * counts, axis=1, keepdims=True)
    dtotal = -dtotalinv * total**-2
    dcounts = dprobs * totalinv + dtotal
    dnorm = dcounts * counts
    dmaxes = -np.sum(dnorm, axis=1, keepdims=True)
    dlogits = dnorm + dmaxes * (logits == maxes)
    dh = dlogits @ W2.T
    dW2 = h.T @ dlogits
    db2 = np.sum(dlogits, axis=0)
    dact = dh * (1 - h**2)
    dgain = np.sum(dact * raw, axis=0, keepdims=True)
    dbias = np.sum(dact, axis=0, keepdims=True)
    draw = dact * gain
    dinv = np.sum(draw * diff, axis=0, keepdims=True)
    dvar = -0.5 * dinv * (var + 1e-5) ** -1.5
    ddiff2 = dvar / (n - 1) * np.ones_like(diff)
    ddiff = draw * inv + 2 * diff * ddiff2
    dmean = -np.sum(ddiff, axis=0, keepdims=True)
    dpre = ddiff + dmean / n
    dW1 = X.T @ dpre
    db1 = np.sum(dpre, axis=0)
    return {
        "dW1": dW1,
        "db1": db1,
        "dgain": dgain,
        "dbias": dbias,
        "dW2": dW2,
        "db2": db2,
    }


def norm_fused(parameters, cache, X, Y):
    n = X.shape[0]
    dlogits = cache["probs"].copy()
    dlogits[np.arange(n), Y] -= 1
    dlogits /= n
    dh = dlogits @ parameters["W2"].T
    dact = dh * (1 - cache["h"] ** 2)
    raw = cache["raw"]
    dpre = (
        parameters["gain"] * cache["inv"] / n
        * (n * dact - dact.sum(0) - n / (n - 1) * raw * (dact * raw).sum(0))
    )  # fmt: skip
    return {
        "dW1": X.T @ dpre,
        "db1": dpre.sum(0),
        "dgain": (dact * raw).sum(0, keepdims=True),
        "dbias": dact.sum(0, keepdims=True),
        "dW2": cache["h"].T @ dlogits,
        "db2": dlogits.sum(0),
    }


def norm_late_mean(parameters, cache, X, Y):
    n = X.shape[0]
    dlogits = cache["probs"] - np.eye(3)[Y]
    dW2 = cache["h"].T @ dlogits / n
    db2 = np.mean(dlogits, axis=0)
    dact = (dlogits @ parameters["W2"].T) * (1 - np.tanh(cache["act"]) ** 2)
    dgain = np.mean(dact * cache["raw"], axis=0, keepdims=True)
    dbias = np.mean(dact, axis=0, keepdims=True)
    draw = dact * parameters["gain"]
    diff, inv = cache["diff"], cache["inv"]
    dvar = np.sum(draw * diff, axis=0, keepdims=True) * -0.5 * inv**3
    dmean = np.sum(-draw * inv, axis=0, keepdims=True)
    dpre = draw * inv + dvar * 2 * diff / (n - 1) + dmean / n
    return {
        "dW1": X.T @ dpre / n, "db1": np.mean(dpre, axis=0), "dgain": dgain,
        "dbias": dbias, "dW2": dW2, "db2": db2,
    }  # fmt: skip


def norm_two_paths_added(parameters, cache, X, Y):
    n = X.shape[0]
    dlogprobs = np.zeros_like(cache["logprobs"])
    dlogprobs[range(n), Y] = -1.0 / n
    dnorm = dlogprobs - cache["probs"] * dlogprobs.sum(1, keepdims=True)
    dlogits = dnorm.copy()
    dmaxes = -dnorm.sum(1, keepdims=True)
    dlogits += np.eye(3)[cache["logits"].argmax(1)] * dmaxes
    db2 = dlogits.sum(0)
    dW2 = cache["h"].T @ dlogits
    dh = dlogits @ parameters["W2"].T
    dact = (1.0 - cache["h"] ** 2) * dh
    dgain = (cache["raw"] * dact).sum(0, keepdims=True)
    dbias = dact.sum(0, keepdims=True)
    draw = parameters["gain"] * dact
    ddiff = cache["inv"] * draw
    dinv = (cache["diff"] * draw).sum(0, keepdims=True)
    dvar = (-0.5 * (cache["var"] + 1e-5) ** -1.5) * dinv
    ddiff2 = (1.0 / (n - 1)) * np.ones_like(cache["diff2"]) * dvar
    ddiff += (2 * cache["diff"]) * ddiff2
    dpre = ddiff.copy()
    dmean = (-ddiff).sum(0, keepdims=True)
    dpre += 1.0 / n * (np.ones_like(dpre) * dmean)
    dW1, db1 = X.T @ dpre, dpre.sum(0)
    return {
        "dW1": dW1,
        "db1": db1,
        "dgain": dgain,
        "dbias": dbias,
        "dW2": dW2,
        "db2": db2,
    }


# ---- a recurrent net through time
# -----------------------------------------------------


def rnn_point(rng):
    parameters = {
        "Wx": rng.standard_normal((4, 3)),
        "Wh": rng.standard_normal((4, 4)),
        "b": np.zeros((4, 1)),
        "Wy": rng.standard_normal((2, 4)),
        "c": np.zeros((2, 1)),
    }
    return parameters, rng.standard_normal((6, 3, 5)), rng.standard_normal((6, 2, 5))


def rnn_forward(parameters, X, Y):
    Wx, Wh, Wy = parameters["Wx"], parameters["Wh"], parameters["Wy"]
    T, m = X.shape[0], X.shape[2]
    h, z, y = [np.zeros((4, m))], [], []
    cost = 0.0
    for t in range(T):
        z.append(Wx @ X[t] + Wh @ h[t] + parameters["b"])
        h.append(np.tanh(z[t]))
        y.append(Wy @ h[t + 1] + parameters["c"])
        cost = cost + np.sum((y[t] - Y[t]) ** 2) / (2 * m)
    return cost, {"h": h, "z": z, "y": y}


def rnn_backward(parameters, cache, X, Y):
    T, m = X.shape[0], X.shape[2]
    Wx, Wh, Wy = parameters["Wx"], parameters["Wh"], parameters["Wy"]
    h, y = cache["h"], cache["y"]
    dWx, dWh, dWy = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wy)
    db, dc = np.zeros_like(parameters["b"]), np.zeros_like(parameters["c"])
    dh_next = np.zeros_like(h[0])
    for t in reversed(range(T)):
        dy = (y[t] - Y[t]) / m
        dWy += dy @ h[t + 1].T
        dc += np.sum(dy, axis=1, keepdims=True)
        dh = Wy.T @ dy + dh_next
        dz = dh * (1 - h[t + 1] ** 2)
        dWx += dz @ X[t].T
        dWh += dz @ h[t].T
        db += np.sum(dz, axis=1, keepdims=True)
        dh_next = Wh.T @ dz
    return {"dWx": dWx, "dWh": dWh, "db": db, "dWy": dWy, "dc": dc}


def rnn_lists(parameters, cache, X, Y):
    T, m = X.shape[0], X.shape[2]
    h = cache["h"]
    dy = [(cache["y"][t] - Y[t]) / m for t in range(T)]
    dz = [None] * T
    following = 0
    for t in range(T - 1, -1, -1):
        dz[t] = (parameters["Wy"].T @ dy[t] + following) * (1 - h[t + 1] ** 2)
        following = parameters["Wh"].T @ dz[t]
    return {
        "dWx": sum(dz[t] @ X[t].T for t in range(T)),
        "dWh": sum(dz[t] @ h[t].T for t in range(T)),
        "db": sum(d.sum(1, keepdims=True) for d in dz),
        "dWy": sum(dy[t] @ h[t + 1].T for t in range(T)),
        "dc": sum(d.sum(1, keepdims=True) for d in dy),
    }


def rnn_stacked(parameters, cache, X, Y):
    T, m = X.shape[0], X.shape[2]
    h = np.stack(cache["h"])
    dy = np.stack(cache["y"]) - Y
    dz = np.zeros((T, 4, m))
    dh = np.zeros((4, m))
    for t in reversed(range(T)):
        dh = dh + parameters["Wy"].T @ dy[t]
        dz[t] = dh * (1 - h[t + 1] ** 2)
        dh = parameters["Wh"].T @ dz[t]
    dWx = np.einsum("tim,tjm->ij", dz, X) / m
    dWh = np.einsum("tim,tjm->ij", dz, h[:-1]) / m
    dWy = np.einsum("tim,tjm->ij", dy, h[1:]) / m
    db, dc = dz.sum((0, 2))[:, None] / m, dy.sum((0, 2))[:, None] / m
    return {"dWx": dWx, "dWh": dWh, "db": db, "dWy": dWy, "dc": dc}


def rnn_late_mean(parameters, cache, X, Y):
    T, m = X.shape[0], X.shape[2]
    grads = {"d" + name: np.zeros_like(value) for name, value in parameters.items()}
    dh = np.zeros_like(cache["h"][0])
    for t in range(T)[::-1]:
        dy = cache["y"][t] - Y[t]
        grads["dWy"] += np.dot(dy, cache["h"][t + 1].T) / m
        grads["dc"] += dy.mean(axis=1, keepdims=True)
        dh = np.dot(parameters["Wy"].T, dy) + dh
        dz = (1 - cache["h"][t + 1] * cache["h"][t + 1]) * dh
        grads["db"] += dz.mean(axis=1, keepdims=True)
        grads["dWx"] += np.dot(dz, X[t].T) / m
        grads["dWh"] += np.dot(dz, cache["h"][t].T) / m
        dh = np.dot(parameters["Wh"].T, dz)
    return grads


def rnn_accumulating_dh(parameters, cache, X, Y):
    T, m = X.shape[0], X.shape[2]
    dh = [np.zeros_like(x) for x in cache["h"]]
    dWx = dWh = dWy = db = dc = 0.0
    for t in range(T - 1, -1, -1):
        dy = (cache["y"][t] - Y[t]) / m
        dh[t + 1] += parameters["Wy"].T @ dy
        dz = dh[t + 1] * (1 - np.tanh(cache["z"][t]) ** 2)
        dh[t] += parameters["Wh"].T @ dz
        dWx, dWh, db = dWx + dz @ X[t].T, dWh + dz @ cache["h"][t].T, db + dz.sum(1)
        dWy, dc = dWy + dy @ cache["h"][t + 1].T, dc + dy.sum(1)
    db, dc = db[:, None], dc[:, None]
    return {"dWx": dWx, "dWh": dWh, "db": db, "dWy": dWy, "dc": dc}


# ---- two convolutions: over an image by patches, then along the positions ------------


def conv_point(rng):
    parameters = {
        "W1": rng.standard_normal((12, 5)),
        "b1": np.zeros(5),
        "W2": rng.standard_normal((3, 5, 4)),
        "b2": np.zeros(4),
        "V": rng.standard_normal((4, 2)),
    }
    return parameters, rng.standard_normal((7, 3, 4, 5)), rng.standard_normal((7, 2))


def patches(X):
    parts = [X[:, :, i : i + 3, j : j + 4] for i in range(2) for j in range(2)]
    return np.stack(parts, axis=2).reshape(X.shape[0], 12, 12).transpose(0, 2, 1)


def conv_forward(parameters, X, Y):
    W2 = parameters["W2"]
    Z1 = patches(X) @ parameters["W1"] + parameters["b1"]
    A1 = np.maximum(Z1, 0)
    Z2 = (
        parameters["b2"]
        + A1[:, 0:10] @ W2[0]
        + A1[:, 1:11] @ W2[1]
        + A1[:, 2:12] @ W2[2]
    )
    A2 = 1 / (1 + np.exp(-Z2))
    S = np.mean(A2, axis=1)
    out = S @ parameters["V"]
    cost = np.sum((out - Y) ** 2) / (2 * X.shape[0])
    return cost, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "S": S, "out": out}


def conv_backward(parameters, cache, X, Y):
    m = X.shape[0]
    W2, V = parameters["W2"], parameters["V"]
    Z1, A1, A2, S = cache["Z1"], cache["A1"], cache["A2"], cache["S"]
    dout = (cache["out"] - Y) / m
    dV = S.T @ dout
    dS = dout @ V.T
    dA2 = np.repeat(dS[:, None, :], 10, axis=1) / 10
    dZ2 = dA2 * A2 * (1 - A2)
    db2 = np.sum(dZ2, axis=(0, 1))
    dA1 = np.zeros_like(A1)
    dW2 = np.zeros_like(W2)
    for k in range(3):
        dA1[:, k : k + 10] += dZ2 @ W2[k].T
        dW2[k] += np.sum(A1[:, k : k + 10].transpose(0, 2, 1) @ dZ2, axis=0)
    dZ1 = dA1 * (Z1 > 0)
    dW1 = np.sum(patches(X).transpose(0, 2, 1) @ dZ1, axis=0)
    db1 = np.sum(dZ1, axis=(0, 1))
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dV": dV}


def conv_einsum(parameters, cache, X, Y):
    m = X.shape[0]
    dout = cache["out"] - Y
    dS = np.einsum("mo,ho->mh", dout, parameters["V"])
    dZ2 = dS[:, None] * cache["A2"] * (1 - cache["A2"]) / 10
    windows = np.stack([cache["A1"][:, k : k + 10] for k in range(3)])
    dW2 = np.einsum("kmpi,mpo->kio", windows, dZ2) / m
    dA1 = np.zeros_like(cache["A1"])
    for k, part in enumerate(np.einsum("mpo,kio->kmpi", dZ2, parameters["W2"])):
        dA1[:, k : k + 10] += part
    dZ1 = np.where(cache["Z1"] > 0, dA1, 0)
    dW1 = np.einsum("mpi,mpo->io", patches(X), dZ1) / m
    db1, db2 = dZ1.sum((0, 1)) / m, dZ2.sum((0, 1)) / m
    return {
        "dW1": dW1,
        "db1": db1,
        "dW2": dW2,
        "db2": db2,
        "dV": cache["S"].T @ dout / m,
    }


def conv_position_by_position(parameters, cache, X, Y):
    m = X.shape[0]
    dout = (cache["out"] - Y) / m
    dV = cache["S"].T @ dout
    dA2 = np.zeros_like(cache["A2"])
    dA2 += (dout @ parameters["V"].T / 10)[:, np.newaxis]
    dZ2 = dA2 * (cache["A2"] - cache["A2"] ** 2)
    dW2, db2 = np.zeros_like(parameters["W2"]), np.zeros(4)
    dA1 = np.zeros_like(cache["A1"])
    for p in range(10):
        db2 += dZ2[:, p].sum(0)
        for k in range(3):
            dW2[k] += cache["A1"][:, p + k].T @ dZ2[:, p]
            dA1[:, p + k] += dZ2[:, p] @ parameters["W2"][k].T
    dZ1 = dA1.copy()
    dZ1[cache["Z1"] < 0] = 0.0
    flat = dZ1.reshape(-1, 5)
    dW1, db1 = patches(X).reshape(-1, 12).T @ flat, flat.sum(axis=0)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dV": dV}


# ---- one head of attention
# ------------------------------------------------------------


def attention_point(rng):
    parameters = {
        "Wq": rng.standard_normal((4, 3)),
        "Wk": rng.standard_normal((4, 3)),
        "Wv": rng.standard_normal((4, 5)),
        "Wo": rng.standard_normal((5, 2)),
    }
    return parameters, rng.standard_normal((7, 4)), rng.standard_normal((7, 2))


def attention_forward(parameters, X, Y):
    Q = X @ parameters["Wq"]
    K = X @ parameters["Wk"]
    V = X @ parameters["Wv"]
    S = Q @ K.T / np.sqrt(3)
    E = np.exp(S)
    P = E / np.sum(E, axis=1, keepdims=True)
    H = P @ V
    O = H @ parameters["Wo"]  # noqa: E741
    cost = np.sum((O - Y) ** 2) / X.shape[0]
    return cost, {"Q": Q, "K": K, "V": V, "S": S, "P": P, "H": H, "O": O}


def attention_backward(parameters, cache, X, Y):
    m = X.shape[0]
    Wo, Q, K, V = parameters["Wo"], cache["Q"], cache["K"], cache["V"]
    P, H = cache["P"], cache["H"]
    dO = 2 * (cache["O"] - Y) / m
    dWo = H.T @ dO
    dH = dO @ Wo.T
    dP = dH @ V.T
    dV = P.T @ dH
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    dQ = dS @ K / np.sqrt(3)
    dK = dS.T @ Q / np.sqrt(3)
    dWq = X.T @ dQ
    dWk = X.T @ dK
    dWv = X.T @ dV
    return {"dWq": dWq, "dWk": dWk, "dWv": dWv, "dWo": dWo}


def attention_late_scale(parameters, cache, X, Y):
    m = X.shape[0]
    P = cache["P"]
    dO = cache["O"] - Y
    dH = dO @ parameters["Wo"].T
    dS = P * (dH @ cache["V"].T)
    dS -= P * dS.sum(axis=1, keepdims=True)
    scale = 2 / m / np.sqrt(3)
    return {
        "dWo": 2 / m * cache["H"].T @ dO,
        "dWv": 2 / m * X.T @ (P.T @ dH),
        "dWq": scale * X.T @ dS @ cache["K"],
        "dWk": scale * X.T @ dS.T @ cache["Q"],
    }


def attention_row_jacobians(parameters, cache, X, Y):
    m = len(X)
    dO = 2 / m * (cache["O"] - Y)
    dH = np.dot(dO, parameters["Wo"].T)
    dP = np.dot(dH, cache["V"].T)
    dS = np.empty_like(dP)
    for i, p in enumerate(cache["P"]):
        dS[i] = (np.diag(p) - np.outer(p, p)) @ dP[i]
    dS = dS / 3**0.5
    dQ, dK, dV = dS @ cache["K"], dS.T @ cache["Q"], cache["P"].T @ dH
    dWq, dWk, dWv = (X.T @ d for d in (dQ, dK, dV))
    return {"dWq": dWq, "dWk": dWk, "dWv": dWv, "dWo": cache["H"].T @ dO}


def attention_einsum(parameters, cache, X, Y):
    dO = 2 * (cache["O"] - Y) / X.shape[0]
    dWo = np.einsum("nh,no->ho", cache["H"], dO)
    dH = np.einsum("no,ho->nh", dO, parameters["Wo"])
    dP = np.einsum("ih,jh->ij", dH, cache["V"])
    inner = np.einsum("ij,ij->i", dP, cache["P"])
    dS = cache["P"] * (dP - inner[:, None])
    dQ = np.einsum("ij,jd->id", dS, cache["K"]) / np.sqrt(3)
    dK = np.einsum("ij,id->jd", dS, cache["Q"]) / np.sqrt(3)
    dV = np.einsum("ij,ih->jh", cache["P"], dH)
    return {"dWq": X.T @ dQ, "dWk": X.T @ dK, "dWv": X.T @ dV, "dWo": dWo}


def attention_softmax_through_exponentials(parameters, cache, X, Y):
    m = X.shape[0]
    E = np.exp(cache["S"])
    total = E.sum(axis=1, keepdims=True)
    dO = 2 * (cache["O"] - Y) / m
    dH = dO @ parameters["Wo"].T
    dP = dH @ cache["V"].T
    back = dP / total - (dP * E).sum(axis=1, keepdims=True) / total**2
    dS = back * E
    scaled = dS / np.sqrt(cache["Q"].shape[1])
    dQ, dK, dV = scaled @ cache["K"], (cache["Q"].T @ scaled).T, (dH.T @ cache["P"]).T
    return {
        "dWq": X.T @ dQ, "dWk": X.T @ dK, "dWv": X.T @ dV, "dWo": cache["H"].T @ dO,
    }  # fmt: skip
