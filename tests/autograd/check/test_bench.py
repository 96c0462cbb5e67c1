"""The figures of the marking: mistakes planted in seven networks, and false alarms.

The rules that plant mistakes were written together with the marking, so two sets are
measured: the first derivation of every network, and, as a check against fitting the one
to the other, the other derivations, which are written in other styles.
"""

import warnings

import numpy as np
import pytest

from autograd.check.marking import check_backward
from autograd.check.mutants import mutants
from tests.autograd.check.bench.catalogue import NETWORKS, network


def measure(names, choose):
    """Return per network: wrong versions, lines found, without exceptions, named."""
    table = []
    for name in names:
        forward, point, backwards = network(name)
        point = point(np.random.default_rng(1))
        rows = [
            outcome(forward, mutant, point)
            for backward in choose(backwards)
            for mutant in mutants(backward, forward, *point)
        ]
        expressible = [row for row in rows if row[0]]
        table.append(
            (name, len(rows), sum(r[1] for r in rows), len(expressible),
             sum(r[2] for r in expressible))
        )  # fmt: skip
    return table


def outcome(forward, mutant, point):
    """Return whether it is no exception, and whether line and name are found."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the square network is meant to have equal sizes
        first = check_backward(forward, mutant.backward, *point).first_wrong
    found = first is not None and mutant.line == first.line
    named = found and first.mistake == mutant.mistake
    return mutant.mistake != "exception", found, named


def report(table):
    total = tuple(map(sum, zip(*(row[1:] for row in table), strict=True)))
    print("\nnetwork       wrong  line found  without exceptions  named")
    for name, *figures in [*table, ("all", *total)]:
        print("{:12} {:6} {:11} {:19} {:6}".format(name, *figures))
    return total


@pytest.mark.slow
def test_first_wrong_line_and_mistake_are_found(capsys):
    table = measure(NETWORKS, lambda backwards: backwards[:1])
    with capsys.disabled():
        wrong, found, expressible, named = report(table)
    assert wrong >= 300
    assert found >= 0.99 * wrong
    assert named >= 0.90 * expressible


@pytest.mark.slow
def test_other_styles_of_derivation(capsys):
    names = [name for name in NETWORKS if name != "square"]  # it has one derivation
    table = measure(names, lambda backwards: backwards[1:])
    with capsys.disabled():
        wrong, found, expressible, named = report(table)
    assert wrong >= 300
    assert found >= 0.99 * wrong
    assert named >= 0.90 * expressible


def test_at_least_forty_right_derivations():
    """`test_marking.py` marks each of them."""
    count = sum(len(network(name)[2]) for name in NETWORKS[:-1])
    assert count >= 40
