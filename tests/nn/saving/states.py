"""States that the tests of files write, and what they expect of reading."""

import numpy as np
import pytest

from autograd import CheckpointError
from nn.saving import read_state, write_state


def state(k=0):
    """Return weights that are not all alike, and a little JSON."""
    numbers = np.random.default_rng(k)
    return {
        "fc1.weight": numbers.standard_normal((5, 3)).astype(np.float32),
        "fc1.bias": numbers.standard_normal(5),
        "steps": np.array(k),
        "settings": {"lr": 0.1, "betas": (0.9, 0.999)},
    }


def equal(a, b):
    return (
        a["settings"] == b["settings"]
        and a.keys() == b.keys()
        and all(
            np.array_equal(a[name], b[name]) and a[name].dtype == b[name].dtype
            for name in a
            if name != "settings"
        )
    )


def refused(path, reader=read_state):
    """Return the text of the one error that may come."""
    with pytest.raises(CheckpointError) as caught:
        reader(path)
    assert type(caught.value) is CheckpointError
    assert isinstance(caught.value, OSError)
    assert str(path) in str(caught.value)
    return str(caught.value)


def saved(path, k=0):
    write_state(path, state(k))
    return path.read_bytes()


def weights(k=0):
    return {name: value for name, value in state(k).items() if name != "settings"}
