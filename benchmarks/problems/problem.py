"""What a row of the benchmark consists of."""

from dataclasses import dataclass, field

import numpy as np

# Largest error of a loss or gradient, relative to the largest number of the array.
FLOAT32_TOLERANCE = 1e-4
FLOAT64_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Problem:
    """The numbers of a row, which every library is given alike.

    Attributes
    ----------
    row : str
        Name in the table, as ``"M1"``.
    title : str
        One line in words.
    data : dict of str to ndarray
        Inputs and targets, which are not differentiated.
    parameters : dict of str to ndarray
        What the loss is differentiated with respect to, in order.
    rtol : float
        How far a loss or a gradient may be from the hand-written one, as a share of
        the largest number in it.
    sizes : dict of str to int
        Numbers that the arrays do not tell, as the number of heads.
    """

    row: str
    title: str
    data: dict[str, np.ndarray]
    parameters: dict[str, np.ndarray]
    rtol: float = FLOAT32_TOLERANCE
    sizes: dict[str, int] = field(default_factory=dict)
