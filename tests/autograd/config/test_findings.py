"""What is said to be slow, for machines that are made up."""

import copy

import pytest

from autograd.config.findings import faster_kernel, findings

FACTS = {
    "cpu": {"usable_cores": 4},
    "numpy": {"simd": {"used": ["X86_V2", "X86_V3"], "missing": ["X86_V4"]}},
    "blas": {"name": "openblas", "kernel": "Haswell", "threads": 4},
    "graphviz": {"graphviz": "0.21", "pygraphviz": "2.0", "dot": None},
    "memory": {"c_library": "glibc 2.36"},
    "environment": {},
}
MEASURED = {
    "kernel_gain": None,
    "thread_gain_256": 1.5,
    "thread_gain_512": 3.0,
    "fresh_memory_cost": 1.1,
    "denormal_cost": 1.0,
    "collector_cost": 1.1,
}


def machine(**parts):
    """Return facts of a machine on which nothing is slow, but for some of its parts."""
    facts = copy.deepcopy(FACTS)
    for name, changed in parts.items():
        facts[name] |= changed
    return facts


def remedies(facts, **measured):
    return [found["try"] for found in findings(facts, {**MEASURED, **measured})]


def test_nothing_is_slow():
    assert findings(machine(), MEASURED) == []


@pytest.mark.parametrize(
    ("kernel", "features", "better"),
    [
        ("Nehalem", ["SSE42", "AVX2"], "Haswell"),
        ("Prescott", ["X86_V2", "X86_V3", "X86_V4"], "SkylakeX"),
        ("Haswell", ["AVX2", "AVX512F", "AVX512_SKX"], "SkylakeX"),
        ("Sandybridge", ["X86_V2"], None),
        ("Zen", ["X86_V2", "X86_V3"], None),
        ("SkylakeX", ["X86_V2", "X86_V3", "X86_V4"], None),
        ("a new one", ["X86_V2", "X86_V3", "X86_V4"], None),
        (None, ["X86_V2", "X86_V3", "X86_V4"], None),
    ],
)
def test_a_kernel_older_than_the_cpu(kernel, features, better):
    facts = machine(blas={"kernel": kernel}, numpy={"simd": {"used": features}})
    assert faster_kernel(facts) == better


def test_another_library_has_kernels_of_its_own():
    facts = machine(blas={"name": "mkl", "kernel": "Nehalem"})
    assert faster_kernel(facts) is None


def test_an_old_kernel_counts_only_where_a_newer_one_was_faster():
    facts = machine(blas={"kernel": "Nehalem"})
    (found,) = findings(facts, {**MEASURED, "kernel_gain": 1.834})
    assert "Nehalem" in found["what"]
    assert found["factor"] == 1.83
    assert found["try"] == "OPENBLAS_CORETYPE=Haswell"
    assert remedies(facts, kernel_gain=1.02) == []
    assert remedies(facts, kernel_gain=None) == []


def test_threads_that_do_not_pay():
    (found,) = findings(machine(), {**MEASURED, "thread_gain_256": 0.5})
    assert found["factor"] == 2.0
    assert "512 x 512 are 3.0x faster" in found["what"]
    assert found["try"] == "OPENBLAS_NUM_THREADS=1"
    mkl = machine(blas={"name": "mkl", "kernel": None})
    assert remedies(mkl, thread_gain_256=0.5) == ["MKL_NUM_THREADS=1"]
    assert remedies(machine(blas={"threads": 1}), thread_gain_256=0.5) == []


def test_more_threads_than_cores():
    facts = machine(blas={"threads": 64}, cpu={"usable_cores": 2})
    assert remedies(facts) == ["OPENBLAS_NUM_THREADS=2"]


def test_memory_that_is_given_back():
    (linux,) = findings(machine(), {**MEASURED, "fresh_memory_cost": 2.0})
    assert linux["try"].startswith("MALLOC_MMAP_THRESHOLD_=")
    other = machine(memory={"c_library": None})
    (found,) = findings(other, {**MEASURED, "fresh_memory_cost": 2.0})
    assert "MALLOC" not in found["try"]
    assert "out=" in found["try"]


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        (("pygraphviz",), "pip install pygraphviz"),
        (("graphviz",), "pip install graphviz"),
        (("graphviz", "pygraphviz"), "pip install graphviz pygraphviz"),
    ],
)
def test_no_graphviz(missing, remedy):
    facts = machine(graphviz=dict.fromkeys(missing))
    (found,) = findings(facts, MEASURED)
    assert found["try"] == remedy
    assert all(name in found["what"] for name in missing)


def test_dot_on_the_path_is_a_graphviz():
    assert remedies(machine(graphviz={"pygraphviz": None, "dot": "9.0.0"})) == []


def test_without_threadpoolctl():
    unknown = machine(blas={"kernel": None, "threads": None})
    measured = {"thread_gain_256": None, "thread_gain_512": None}
    assert remedies(unknown, **measured) == ["pip install threadpoolctl"]


def test_numbers_collector_and_features():
    assert "weight decay" in remedies(machine(), denormal_cost=40.0)[0]
    assert "gc.freeze()" in remedies(machine(), collector_cost=2.5)[0]
    facts = machine(environment={"NPY_DISABLE_CPU_FEATURES": "X86_V4,X86_V3"})
    (found,) = findings(facts, MEASURED)
    assert found["what"] == "NumPy was told not to use X86_V4"  # the other is used
    assert found["try"] == "unset NPY_DISABLE_CPU_FEATURES"
