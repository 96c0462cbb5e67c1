"""Become a backprop ninja: every gradient of a network by hand, in NumPy, and marked.

The exercise is from Andrej Karpathy's course "Neural Networks: Zero to Hero", part 4.
A network reads three characters of a name and guesses the next: embedding, linear
layer, batch norm, tanh, linear layer, cross-entropy.  Below, `forward` is ordinary
NumPy, one step per line, and `backward` walks through it from the end, one gradient per
line.

`autograd.compare` marks each line against the truth.  Then one mistake is planted, a
frequent one, and found.  At last the network is trained with the gradients by hand.

Run it with ``python -m demos.backprop_ninja``.
"""

import argparse

import numpy as np

import autograd
from autograd import Tensor
from demos.names import CHARACTERS, PADDING, bits_of_pairs, encode, load_data

CONTEXT = 3


def make_samples(names):
    """Return contexts, shape (m, 3), and the characters that follow, shape (m,)."""
    X, Y = encode(names)
    before = np.pad(X, [(0, 0), (CONTEXT - 1, 0)])  # "." stands before the first one
    contexts = np.lib.stride_tricks.sliding_window_view(before, CONTEXT, axis=1)
    return contexts[Y != PADDING], Y[Y != PADDING]


def initialize_parameters(rng, width=10, hidden=64):
    """Return small random weights; not quite 0 or 1 where mistakes could hide."""
    n = len(CHARACTERS)
    return {
        "C": rng.standard_normal((n, width)),
        "W1": rng.standard_normal((CONTEXT * width, hidden)) / np.sqrt(CONTEXT * width),
        "gain": 1 + rng.standard_normal(hidden) * 0.1,
        "shift": rng.standard_normal(hidden) * 0.1,
        "W2": rng.standard_normal((hidden, n)) * 0.1,
        "b2": rng.standard_normal(n) * 0.1,
    }


def forward(p, X, Y):
    """Return the loss and all steps on the way; in shapes m counts samples."""
    m = len(Y)
    emb = p["C"][X]  # (m, 3, width)
    cat = np.reshape(emb, (m, -1))
    hprebn = cat @ p["W1"]  # (m, hidden); a bias would be gone with the mean
    mean = np.mean(hprebn, axis=0)
    diff = hprebn - mean
    var = np.sum(diff**2, axis=0) / (m - 1)
    inv = (var + 1e-5) ** -0.5
    raw = diff * inv
    hpreact = p["gain"] * raw + p["shift"]
    h = np.tanh(hpreact)
    logits = h @ p["W2"] + p["b2"]  # (m, characters)
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    counts = np.exp(shifted)
    total = np.sum(counts, axis=1, keepdims=True)
    probs = counts / total
    logprobs = np.log(probs)
    loss = -np.mean(logprobs[np.arange(m), Y])
    del p, m, X, Y  # what was given is no step
    return loss, locals()


def backward(p, s, X, Y):
    """Return the gradient of the loss by every step, derived by hand."""
    m = len(Y)
    one_hot = np.eye(len(CHARACTERS))[Y]
    # Cross-entropy, one step at a time.
    dlogprobs = -one_hot / m
    dprobs = dlogprobs / s["probs"]
    dtotal = np.sum(-dprobs * s["counts"] / s["total"] ** 2, axis=1, keepdims=True)
    dcounts = dprobs / s["total"] + dtotal
    dshifted = dcounts * s["counts"]
    # All of that at once.  The maximum changes nothing: its gradient cancels.
    dlogits = (s["probs"] - one_hot) / m
    # Second layer and tanh.
    dh = dlogits @ p["W2"].T
    dW2 = s["h"].T @ dlogits
    db2 = np.sum(dlogits, axis=0)
    dhpreact = dh * (1 - s["h"] ** 2)
    # Batch norm: a sample acts on all others, through mean and variance.
    dgain = np.sum(dhpreact * s["raw"], axis=0)
    dshift = np.sum(dhpreact, axis=0)
    draw = dhpreact * p["gain"]
    dinv = np.sum(draw * s["diff"], axis=0)
    dvar = -0.5 * (s["var"] + 1e-5) ** -1.5 * dinv
    ddiff = draw * s["inv"] + dvar * 2 * s["diff"] / (m - 1)
    dmean = -np.sum(ddiff, axis=0)
    dhprebn = ddiff + dmean / m
    # First layer and embedding: a row that is looked up twice has two gradients.
    dcat = dhprebn @ p["W1"].T
    dW1 = s["cat"].T @ dhprebn
    demb = np.reshape(dcat, s["emb"].shape)
    dC = np.zeros_like(p["C"])
    np.add.at(dC, X, demb)
    del p, s, m, X, Y, one_hot  # the gradients stay
    return locals()


def backward_with_mistake(p, s, X, Y):
    """Return the same, but rows of the embedding are set where they must add up."""
    gradients = backward(p, s, X, Y)
    gradients["dC"] = np.zeros_like(p["C"])
    gradients["dC"][X] = gradients["demb"]  # the last of equal characters wins
    return gradients


def mark(backward_by_hand, parameters, X, Y):
    """Compare all gradients by hand with those of autograd."""
    tensors = {name: Tensor(value, name=name) for name, value in parameters.items()}
    loss, steps = forward(tensors, X, Y)
    arrays = {name: step.data for name, step in steps.items()}
    hand = backward_by_hand(parameters, arrays, X, Y)
    return autograd.compare(loss, hand, names=(tensors, steps))


def train(parameters, X, Y, steps, rng):
    """Descend along the gradients by hand; no tensor is needed."""
    for step in range(steps):
        batch = rng.integers(0, len(X), 64)
        _, values = forward(parameters, X[batch], Y[batch])
        gradients = backward(parameters, values, X[batch], Y[batch])
        learning_rate = 0.2 if step < 0.7 * steps else 0.02
        for name, value in parameters.items():
            value -= learning_rate * gradients["d" + name]


def main(steps=6000, n_train=None):
    """Run the whole lesson; return both comparisons and the bits per character."""
    rng = np.random.default_rng(0)
    names, unseen = load_data(rng, n_train)
    X, Y = make_samples(names)
    parameters = initialize_parameters(rng)
    comparison = mark(backward, parameters, X[:32], Y[:32])
    print(comparison)

    mistaken = mark(backward_with_mistake, parameters, X[:32], Y[:32])
    print("\nThe same with `dC[X] = demb` in place of adding up:\n")
    for row in mistaken.rows:
        if not row.is_right:
            print(
                f"  {row.name} {row.verdict}, by up to {row.worst_relative:.0%} of its "
                f"largest number, in the row of {CHARACTERS[row.index[0]]!r}"
            )

    print(f"\nTraining for {steps} steps with the gradients by hand.")
    train(parameters, X, Y, steps, rng)
    loss, _ = forward(parameters, *make_samples(unseen))
    bits = float(loss / np.log(2))
    print("Bits per character on unseen names:")
    print(f"  {bits_of_pairs(names, unseen):.2f}  a table of pairs of characters")
    print(f"  {bits:.2f}  this network; in nats, a loss of {loss:.3f}")
    return comparison, mistaken, bits


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=6000)
    main(parser.parse_args().steps)
