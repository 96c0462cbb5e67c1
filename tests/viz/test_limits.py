"""Large graphs: the message, the ways out, and depth."""

import re
import sys

import numpy as np
import pytest

import viz
from autograd import Tensor, scope


def chain(blocks, per_block=10):
    """Return a chain of scalar additions in blocks: one node for each, and ``x``."""
    x = y = Tensor(0.5, name="x")
    for k in range(blocks):
        with scope(f"block {k}"):
            for _ in range(per_block):
                y = y + x
    return y


def message(root, **options):
    with pytest.raises(ValueError, match="nodes at") as caught:
        viz.graph(root, **options)
    return str(caught.value)


def test_the_message_names_three_ways_out_that_work():
    root = chain(401, 3)
    assert "1,204 nodes at scalar level, more than max_nodes=400" in message(root)
    text = message(root, max_nodes=410)
    ways = re.findall(r'(\w+=(?:"[^"]*"|\d+))(?: \((\d+) nodes\))?', text)[1:]
    assert [way.partition("=")[0] for way, _ in ways] == [
        "detail",
        "collapse",
        "max_nodes",
    ]
    for way, count in ways:
        limit = "" if way.startswith("max_nodes") else ", max_nodes=410"
        graph = eval(f"viz.graph(root, {way}{limit})", {"viz": viz, "root": root})
        assert len(graph._picture.nodes) == int(count or 1204)


def test_each_way_out_draws():
    y = Tensor(0.5, name="x")
    for k in range(12):
        with scope(f"block {k}"):
            for _ in range(40):
                y = np.tanh(y)
    for way in ({"detail": "module"}, {"collapse": "block *"}, {"max_nodes": 481}):
        assert viz.graph(y, **way).svg().startswith("<?xml")


def test_without_groups_the_message_says_how_to_make_them():
    x = y = Tensor(0.5)
    for _ in range(500):
        y = y + x
    text = message(y)
    assert 'detail="module" (2 nodes)' in text
    assert "collapse=" not in text
    assert "with autograd.scope(name):" in text
    assert len(viz.graph(y, detail="module")._picture.nodes) == 2


def test_a_collapse_that_is_not_enough_is_kept_in_the_suggestion():
    x = y = Tensor(0.5)
    for name in ("encoder 1", "decoder 1", "decoder 2"):
        with scope(name):
            for _ in range(300):
                y = y + x
    text = message(y, collapse="encoder *")
    assert "collapse=['encoder *', 'decoder *']" in text


def test_hard_limit():
    text = message(chain(600, 10), max_nodes=10_000)
    assert "6,001 nodes at scalar level, more than Graphviz can place (5,000)" in text
    assert "max_nodes=6001" not in text


def test_depth_needs_no_recursion():
    root = chain(1, 20_000)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        text = message(root)
    finally:
        sys.setrecursionlimit(limit)
    assert "20,001 nodes" in text


def test_a_graph_of_doublings_is_read_once_per_node():
    y = Tensor(1.0)
    for _ in range(60):
        y = y + y
    assert len(viz.graph(y)._picture.nodes) == 61


def test_large_arrays_are_not_copied():
    x = Tensor(np.zeros((1000, 1000)), copy=False, name="x")
    picture = viz.graph(x.sum())._picture
    (node,) = (node for node in picture.nodes if node.title == "x")
    assert node.value.whole is None
    assert node.value.cells.size <= 20
    assert node.value.cells.base is None


def test_a_leaf_that_is_used_all_along_a_chain_gets_straight_arrows():
    # Graphviz would route hundreds of long parallel arrows for minutes.
    hub = Tensor(0.5, name="hub")
    y = hub
    for _ in range(60):
        y = (y * 1.01 + hub).tanh()
    y.backward()
    assert "splines=line" in viz.graph(y, max_nodes=1000).source
    short = (hub * 1.01 + hub).tanh()
    assert "splines=line" not in viz.graph(short).source
