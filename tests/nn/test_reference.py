"""Layers against numbers recorded from PyTorch, for where it is not installed.

Of every output and gradient one number is kept, its product with a fixed wave, which
any wrong element changes.  ``python -m tests.nn.test_reference`` records them anew.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from tests.nn.cases import CASES, build, flat, inputs, wave

RECORDED = Path(__file__).with_name("recorded.json")


def fingerprint(array: Any) -> float:
    """Return the product with a wave."""
    values = np.asarray(array)
    return float(np.sum(values * wave(values.shape, 5)))


def fingerprints(layer: Any, make: Any, case: Any) -> dict[str, float]:
    """Run a layer, ours or PyTorch's; return a number for each output and gradient."""
    tensors = [make(x) for x in inputs(case, np.float64)]
    out = flat(layer(*tensors))
    found = {f"output {k}": fingerprint(values(x)) for k, x in enumerate(out)}
    sums = [
        (x * constant(x, wave(tuple(x.shape), 20 + k))).sum() for k, x in enumerate(out)
    ]
    for other in sums[1:]:
        sums[0] = sums[0] + other
    sums[0].backward()
    found |= {f"input {k}": fingerprint(x.grad) for k, x in enumerate(tensors)}
    return found | {name: fingerprint(p.grad) for name, p in layer.named_parameters()}


def values(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x.detach().numpy()


def constant(x: Any, array: Any) -> Any:
    return array if isinstance(x, Tensor) else x.new_tensor(array)


@pytest.mark.parametrize("label", CASES)
def test_layer_equals_what_pytorch_gave(label):
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["layers"][label]
    found = fingerprints(build(CASES[label], np.float64), Tensor, CASES[label])
    assert found.keys() == recorded.keys()
    for name, number in recorded.items():
        assert np.isclose(found[name], number, rtol=1e-9, atol=1e-10), name


def test_nothing_that_is_recorded_is_forgotten():
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert recorded["layers"].keys() == CASES.keys()


def record() -> None:
    """Write the numbers that PyTorch gives."""
    import torch

    def theirs(case: Any) -> Any:
        layer = getattr(torch.nn, case.name)(*case.args, **case.kwargs).double()
        state = build(case, np.float64).state_dict()
        layer.load_state_dict(
            {name: torch.tensor(value) for name, value in state.items()}
        )
        return layer

    def leaf(x: Any) -> Any:
        return torch.tensor(x, requires_grad=True)

    layers = {
        label: fingerprints(theirs(case), leaf, case) for label, case in CASES.items()
    }
    text = {"source": f"torch {torch.__version__}, float64", "layers": layers}
    RECORDED.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
