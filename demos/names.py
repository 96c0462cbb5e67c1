"""Names of pictographs from Python's own `unicodedata`, as the demos on names use them.

They are the names of the characters U+2600 to U+27BF and U+1F300 to U+1FAFF, symbols
and emoji such as "octopus" and "sparkling heart", that have at most 20 letters and
spaces: 1,309 names in Unicode 14, the database of Python 3.11, and some more in each
later version.

A network sees a name as numbers, one for each character, and "." around it:

    inputs     . a n t
    targets    a n t .
"""

import unicodedata

import numpy as np

import autograd
import nn

CHARACTERS = ". abcdefghijklmnopqrstuvwxyz"
LONGEST = 20
PADDING = -100  # a target that does not count, in a row longer than its name


def load_names():
    """Return the names, each once, in the order of Unicode.

    Examples
    --------
    >>> names = load_names()
    >>> len(names) > 1300, names[:3]
    (True, ['black sun with rays', 'cloud', 'umbrella'])
    """
    codes = [*range(0x2600, 0x27C0), *range(0x1F300, 0x1FB00)]
    names = [unicodedata.name(chr(code), "").lower() for code in codes]
    fitting = [x for x in names if 0 < len(x) <= LONGEST and set(x) <= set(CHARACTERS)]
    return list(dict.fromkeys(fitting))


def encode(names):
    """Return inputs and targets, both of shape (n, 21), as numbers of characters.

    Examples
    --------
    >>> X, Y = encode(["ant"])
    >>> X[0, :5].tolist(), Y[0, :5].tolist()
    ([0, 2, 15, 21, 0], [2, 15, 21, 0, -100])
    """
    X = np.zeros((len(names), LONGEST + 1), dtype=np.int64)
    Y = np.full(X.shape, PADDING)
    for row, name in enumerate(names):
        numbers = [CHARACTERS.index(character) for character in name]
        X[row, 1 : len(name) + 1] = numbers
        Y[row, : len(name) + 1] = [*numbers, 0]
    return X, Y


def load_data(rng, n_train=None):
    """Return names to train on and a tenth of all to validate on, at random."""
    names = load_names()
    shuffled = [names[i] for i in rng.permutation(len(names))]
    n_validation = len(names) // 10
    return shuffled[n_validation:][:n_train], shuffled[:n_validation]


# ---- how well a network spells -----------------------------------------------------


def cross_entropy(scores, targets):
    """Return the mean loss of a character; scores have shape (N, T, characters)."""
    by_class = np.swapaxes(scores, 1, 2)  # (N, characters, T), where nn expects them
    return nn.functional.cross_entropy(by_class, targets, ignore_index=PADDING)


def bits_per_character(scores, targets):
    """Return the same in bits, as a number.

    Examples
    --------
    >>> X, Y = encode(["ant"])
    >>> round(bits_per_character(np.zeros((1, 21, 28)), Y), 3)  # 28 equal chances
    4.807
    """
    return float(cross_entropy(scores, targets) / np.log(2))


def bits_of_pairs(train, validation):
    """Return the bits per character of the simplest model: a table of pairs, counted.

    Examples
    --------
    >>> round(bits_of_pairs(["aaaa"] * 1000, ["aaa"]), 2)
    0.72
    """
    X, Y = encode(train)
    counts = np.ones((len(CHARACTERS), len(CHARACTERS)))
    np.add.at(counts, (X[Y != PADDING], Y[Y != PADDING]), 1)
    X, Y = encode(validation)
    return bits_per_character(np.log(counts / counts.sum(axis=1, keepdims=True))[X], Y)


# ---- inventing ---------------------------------------------------------------------


def invent(model, n, rng):
    """Draw n names, character by character, from what the model finds likely."""
    X = np.zeros((n, 1), dtype=np.int64)
    model.eval()
    with autograd.no_grad():
        for _ in range(LONGEST):
            p = nn.functional.softmax(model(X)[:, -1], axis=-1).data
            # The character whose share of [0, 1) a random number falls into.
            drawn = (p.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1, keepdims=True)
            X = np.hstack([X, np.minimum(drawn, len(CHARACTERS) - 1)])
    return ["".join(CHARACTERS[i] for i in row[1:]).split(".")[0] for row in X]


def print_inventions(model, known, rng, n=200):
    """Print some invented names; return which share of n is not among the known."""
    invented = invent(model, n, rng)
    new = [name for name in invented if name and name not in known]
    print("\nInvented names:")
    for k in range(0, 15, 3):
        print("  " + "".join(f"{name:24}" for name in new[k : k + 3]).rstrip())
    print(f"Of {n} invented names, {len(new) / n:.0%} are not in the training set.")
    return len(new) / n
