"""The results of every operation on its samples, as a fixture."""

import numpy as np
import pytest

from tests.autograd.derivation.samples import OURS, record


def pytest_generate_tests(metafunc):
    if "sampled" in metafunc.fixturenames:
        cases = [
            pytest.param((name, sample), id=f"{name}-{k}")
            for name, op in OURS.items()
            for k, sample in enumerate(op.samples)
        ]
        metafunc.parametrize("sampled", cases, indirect=True)


@pytest.fixture
def sampled(request):
    """Give the result of an operation on one of its samples."""
    with np.errstate(all="ignore"):
        return record(*request.param)
