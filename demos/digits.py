"""Scikit-learn's 1,797 handwritten digits, as the demos on digits use them.

They are images of 8 × 8 pixels, each from 0 to 16, of the digits 0 to 9.
"""

import numpy as np
from sklearn.datasets import load_digits

import nn

CLASSES = 10


def load_data(rng, n_train=1437):
    """Return (images, labels) to train on and (images, labels) to validate on.

    The split is random.  Mean and deviation of the pixels are those of the training
    images: nothing of the validation images reaches the training.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the split.
    n_train : int, default 1437
        How many images to train on: four fifths; all others are for validation.

    Returns
    -------
    train, validation : tuple of (array, shape (n, 1, 8, 8), array, shape (n,))

    Examples
    --------
    >>> train, validation = load_data(np.random.default_rng(0))
    >>> train[0].shape, validation[0].shape
    ((1437, 1, 8, 8), (360, 1, 8, 8))
    """
    digits = load_digits()
    images = digits.images[:, None].astype(np.float32)  # one channel
    order = rng.permutation(len(images))
    train, validation = order[:n_train], order[n_train:]
    pixels = nn.Standardizer(axis=(0, 1, 2, 3)).fit(images[train])
    return (
        (pixels.transform(images[train]), digits.target[train]),
        (pixels.transform(images[validation]), digits.target[validation]),
    )
