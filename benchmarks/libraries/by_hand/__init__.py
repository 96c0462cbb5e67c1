"""The floor: forward and backward written by hand, as fast as NumPy allows.

Steps use what is already computed, work in place, batch products, and keep memory. E1
and E1t are the exception: they are what NumPy code usually is, with a new array for
every result.
"""

import numpy as np

from .article import article
from .convolution import convolution, lenet
from .elementwise import products, tanhs
from .memory import keeping_memory
from .perceptron import perceptron
from .recurrence import lstm, rnn
from .scalars import moons, scalar_chain
from .transformer import transformer_block

VERSION = np.__version__
_AS_FAST_AS_IT_GOES = {
    "S1": moons,
    "S2": scalar_chain,
    "M1": perceptron,
    "M2": perceptron,
    "M3": article,
    "C1": lenet,
    "C2": convolution,
    "R1": rnn,
    "R2": lstm,
    "T1": transformer_block,
}
STEPS = {
    **{row: keeping_memory(build) for row, build in _AS_FAST_AS_IT_GOES.items()},
    "E1": products,
    "E1t": tanhs,
}
to_numpy = np.asarray
