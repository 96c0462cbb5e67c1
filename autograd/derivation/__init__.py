"""The backward pass as a derivation that one can read.

    graph.py       which values of a graph deserve a line of their own
    reading.py     Python formulas as mathematics: ``np.sum(G, axis=1)`` is a Σ
    working.py     the lines: forward, then backward in the engine's order
    patterns.py    simplifications that are known, and are checked before they are shown
    latex.py       the lines as LaTeX

A formula is Python text at first, as `autograd.formula` prints it from the rule that
runs, then a tree of `autograd.derivation.terms`, then LaTeX, MathML or plain text.
"""
