"""Memory that a step has freed is still there in the next one."""

import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import numpy as np
{first}
def step():
    return len([np.ones(1 << 19) for _ in range(8)])  # 32 MB, 8,192 pages
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(first):
    done = subprocess.run(
        [sys.executable, "-c", STEPS.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="another C library than GNU's"
)
def test_freed_arrays_are_not_given_back():
    assert page_faults("import autograd") < 2_048 < page_faults("pass")
