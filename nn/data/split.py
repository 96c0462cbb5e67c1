"""Splitting a dataset at random, so that what is tested was not trained on."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nn.data.dataset import Dataset, Subset
from nn.parameter import require_rng

__all__ = ["random_split"]


def random_split(
    dataset: Dataset, lengths: Sequence[float], rng: np.random.Generator
) -> list[Subset]:
    """Split a dataset at random into parts that share no sample.

    Parameters
    ----------
    dataset : Dataset
        What to split.
    lengths : sequence of int, or sequence of float
        The sizes of the parts, or their fractions.  Integers must sum to the size of
        the dataset; floats must sum to 1.
    rng : Generator
        Where the order is drawn from, once.

    Returns
    -------
    list of Subset
        The parts; every sample is in exactly one of them.

    Raises
    ------
    ValueError
        If the lengths have another sum, one is negative, or a fraction above 0 would
        get no sample.
    TypeError
        If ``rng`` is not a generator.

    Notes
    -----
    A fraction f of n samples gets ⌊f n⌋, and the samples that remain go one each to the
    parts with the largest remainders f n - ⌊f n⌋, the earlier part first.

    Whatever is learned from data, such as the mean in a `Standardizer`, must be
    learned from the training part alone.

    Examples
    --------
    >>> import nn, numpy as np
    >>> dataset = nn.TensorDataset(np.arange(10))
    >>> train, test = nn.random_split(dataset, [0.8, 0.2], np.random.default_rng(0))
    >>> train.indices.tolist(), test.indices.tolist()
    ([4, 6, 2, 7, 3, 5, 9, 0], [8, 1])
    """
    rng = require_rng("random_split", rng)
    n = len(dataset)
    counts = _counts(list(lengths), n)
    order = rng.permutation(n)
    ends = np.cumsum(counts)
    return [
        Subset(dataset, order[end - count : end])
        for count, end in zip(counts, ends, strict=True)
    ]


def _counts(lengths: list[float], n: int) -> npt.NDArray[np.intp]:
    whole = all(isinstance(length, int | np.integer) for length in lengths)
    wanted = n if whole else 1
    # Written so that NaN fails as well.
    if not (
        all(length >= 0 for length in lengths)
        and math.isclose(math.fsum(lengths), wanted, rel_tol=1e-9)
    ):
        raise ValueError(
            f"random_split: lengths must not be negative, and sum to {n}, the number "
            f"of samples, as integers or to 1 as fractions; got {lengths} with the sum "
            f"{math.fsum(lengths):g}."
        )
    if whole:
        return np.array(lengths, np.intp)
    return _largest_remainders(np.array(lengths, np.float64), n)


def _largest_remainders(
    fractions: npt.NDArray[np.float64], n: int
) -> npt.NDArray[np.intp]:
    quotas = fractions * n
    counts = np.floor(quotas).astype(np.intp)
    largest_first = np.argsort(counts - quotas, kind="stable")
    counts[largest_first[: n - counts.sum()]] += 1
    empty = np.flatnonzero((counts == 0) & (fractions > 0))
    if empty.size:
        i = int(empty[0])
        raise ValueError(
            f"random_split: part {i}, the fraction {fractions[i]:g} of {n} samples, "
            f"would be empty. Pass numbers of samples, or a larger fraction."
        )
    return counts
