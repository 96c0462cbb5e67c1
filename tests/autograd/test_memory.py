"""Memory that a step has freed is still there in the next one."""

import os
import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import numpy as np
{first}
def step():
    return len([np.ones(1 << 19) for _ in range(40)])  # 160 MB, 40,960 pages
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="another C library than GNU's"
)


def page_faults(first, **environment):
    done = subprocess.run(
        [sys.executable, "-c", STEPS.format(first=first)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_freed_arrays_are_not_given_back():
    assert page_faults("import autograd") < 10_000 < page_faults("pass")


@pytest.mark.parametrize(
    "environment",
    [
        {"MALLOC_TRIM_THRESHOLD_": "131072"},
        {"MALLOC_MMAP_THRESHOLD_": "131072"},
        {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=131072"},
    ],
)
def test_the_users_own_setting_stays(environment):
    assert page_faults("import autograd", **environment) > 10_000
