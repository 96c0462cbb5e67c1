"""The lines of the forward pass are known while a hand-derived pass is marked."""

import numpy as np

from autograd.check.probes import Point
from autograd.check.reference import Reference


def test_nodes_of_a_loop_share_a_line():
    def forward(parameters, x):
        h = x
        for _ in range(3):
            h = np.tanh(parameters["W"] * h)
        return np.sum(h), {"h": h}

    point = Point({"W": np.array([0.5, 2.0])}, (np.array([1.0, -1.0]),))
    lines = [
        node.created_at
        for node in Reference(forward, point).nodes
        if node.op is not None and node.op.name == "tanh"
    ]
    assert len(lines) == 3
    assert len(set(lines)) == 1
    assert lines[0].startswith("test_lines.py:")
