"""The backward pass as a program: what a person would have derived by hand.

names.py      identifiers for the tensors of a graph
lines.py      one assignment a line, in Python's own syntax tree
recording.py  a recorded graph as lines, forward and backward
values.py     what every expression computes at the recorded point
simplify.py   rewriting that keeps the value: x * 1, double transpose, ...
patterns.py   sigmoid with cross-entropy becomes A - Y
sharing.py    dead lines go, common parts are shared, short ones written in place
source.py     `source`: all of it, printed and checked
dialects.py   the forward pass in the words of torch and of jax
"""
