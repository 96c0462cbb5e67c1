"""The numbers of every row: data and parameters, drawn with NumPy, no library.

``PROBLEMS["M1"]()`` is the row as the table has it; keywords change its sizes, so that
a scale curve takes the same row with ``PROBLEMS["M1"](batch=4096)``. All numbers come
from ``np.random.default_rng(0)``, so that every process draws the same ones.

problem.py       what a row consists of
moons.py         S1, a network of scalars
scalar_chain.py  S2, a chain of scalar operations (for the scale curve alone)
perceptron.py    M1 and M2
article.py       M3
convolution.py   C1 and C2
recurrence.py    R1 and R2
transformer.py   T1
elementwise.py   E1 and E1t
"""

from collections.abc import Callable

from .article import article
from .convolution import convolution, lenet
from .elementwise import products, tanhs
from .moons import moons
from .perceptron import large_perceptron, small_perceptron
from .problem import Problem
from .recurrence import lstm, rnn
from .scalar_chain import scalar_chain
from .transformer import transformer_block

PROBLEMS: dict[str, Callable[..., Problem]] = {
    "S1": moons,
    "S2": scalar_chain,
    "M1": small_perceptron,
    "M2": large_perceptron,
    "M3": article,
    "C1": lenet,
    "C2": convolution,
    "R1": rnn,
    "R2": lstm,
    "T1": transformer_block,
    "E1": products,
    "E1t": tanhs,
}


def build_problem(specification: str) -> Problem:
    """Return the problem of a row, as ``M1`` or with its sizes, ``M1:batch=4096``."""
    row, _, sizes = specification.partition(":")
    pairs = (pair.split("=") for pair in sizes.split(",") if pair)
    return PROBLEMS[row](**{name: int(value) for name, value in pairs})


__all__ = ["PROBLEMS", "Problem", "build_problem"]
