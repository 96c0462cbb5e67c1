"""A function recorded once, and run from then on as a plan without a graph.

arguments.py   what a function was called with: structure, shapes, dtypes, values
state.py       what else it looks at: closed-over objects, which must not change
watching.py    values that are read out of the graph while a function is recorded
trace.py       one recording, with placeholders for the arguments
comparing.py   two recordings at different values
repeats.py     equal operations once
factoring.py   products of large arrays with a factor in common
groups.py      scalar graphs: equal operations of a level, and long sums
scalars.py     the plan of a scalar graph, on NumPy vectors
arrays.py      the plan of an array graph: its text
forward.py     its lines, forward
backward.py    and backward: the rules
cotangents.py  what arrives at a tensor, added up
tiles.py       runs of elementwise operations, a few thousand elements at a time
written.py     the cross entropy, written out as lines
convolutions.py   and the convolution
lowering.py    rules and operations, given as text, as lines of NumPy's functions
arithmetic.py  which of NumPy's functions, signs and numbers put off
operands.py    what lines are made with
lines.py       one line
buffers.py     where results are kept: arrays that are used again
node.py        the one graph node that a compiled call leaves behind
checking.py    plan against eager, at the given arguments and at others
plan.py        a recording as a program, with what it is good for
compiled.py    `compile`: all of it
"""
