"""A function recorded once, and run from then on as a plan without a graph.

arguments.py   what a function was called with: structure, shapes, dtypes, values
state.py       what else it looks at: closed-over objects, which must not change
watching.py    values that are read out of the graph while a function is recorded
trace.py       one recording, with placeholders for the arguments
comparing.py   two recordings at different values
repeats.py     equal operations once
groups.py      scalar graphs: equal operations of a level, and long sums
scalars.py     the plan of a scalar graph, on NumPy vectors
arrays.py      the plan of an array graph, one line for each operation
tiles.py       runs of elementwise operations, a few thousand elements at a time
node.py        the one graph node that a compiled call leaves behind
checking.py    plan against eager, at the given arguments and at others
plan.py        a recording as a program, with what it is good for
compiled.py    `compile`: all of it
"""
