"""Every exception that chalkgrad raises on purpose.

::

    ChalkgradError
    ├── ShapeError           (ValueError)          shapes that do not fit together
    │   └── AxisError        (IndexError)          an axis that does not exist
    ├── OutOfRangeError      (IndexError)          an index that does not exist
    ├── LinAlgError          (np.linalg.LinAlgError) a matrix that has no such inverse
    ├── DTypeError           (TypeError)           a value of the wrong kind
    ├── NotDifferentiableError (TypeError)         a NumPy function without a rule here
    ├── GradientError        (RuntimeError)        a gradient that cannot be computed
    │   └── InPlaceError                           a value changed behind the graph
    ├── NonFiniteError       (FloatingPointError)  the first NaN or infinity
    ├── CheckpointError      (OSError, ValueError) a saved state that cannot be used
    └── GradcheckError       (AssertionError)      a rule that differences contradict

Each one is also the built-in exception that a user of NumPy would catch.  The text
says what was attempted, with which shapes, dtypes and names, where the operands were
created, and how to mend it.
"""

import numpy as np

__all__ = [
    "AxisError",
    "ChalkgradError",
    "CheckpointError",
    "DTypeError",
    "GradcheckError",
    "GradientError",
    "InPlaceError",
    "LinAlgError",
    "NonFiniteError",
    "NotDifferentiableError",
    "OutOfRangeError",
    "ShapeError",
]


class ChalkgradError(Exception):
    """Base class of all errors that this project raises on purpose."""


class ShapeError(ChalkgradError, ValueError):
    """Shapes do not fit together."""


class AxisError(ShapeError, IndexError):
    """An axis that an array does not have."""


class OutOfRangeError(ChalkgradError, IndexError):
    """An index beyond the end of an axis, or of a kind that cannot index."""


class LinAlgError(ChalkgradError, np.linalg.LinAlgError):
    """A matrix without the inverse, factor or decomposition that was asked for."""


class DTypeError(ChalkgradError, TypeError):
    """A value has a dtype or a type that the operation cannot take."""


class NotDifferentiableError(ChalkgradError, TypeError):
    """A NumPy function that has no derivative rule here."""


class GradientError(ChalkgradError, RuntimeError):
    """A gradient was asked for that does not exist or cannot be computed."""


class InPlaceError(GradientError):
    """A value was changed in place although a recorded graph still needs it."""


class NonFiniteError(ChalkgradError, FloatingPointError):
    """A NaN or an infinity where only finite numbers make sense."""


class CheckpointError(ChalkgradError, OSError, ValueError):
    """A saved state that is damaged, or does not fit the model."""


class GradcheckError(ChalkgradError, AssertionError):
    """A derivative rule disagrees with numerical differentiation."""
