"""The same training step in every library, one file each.

Every file has ``VERSION``, the library's version; ``STEPS``, for each row a function
that is given the problem and returns ``step()``, which takes the forward and backward
pass of one training step and returns the loss and the gradients by name, in the
library's own arrays, computed to the end; and ``to_numpy``, which makes a NumPy array
of such an array. ``LEFT_OUT``, where there is one, says why a row is not in ``STEPS``.

Files are loaded by ``worker.py`` alone, each in a process of its own whose path begins
with ``benchmarks/``: they import ``problems`` and their own library.
"""
