"""Neural networks: modules, layers, losses, optimisers and training.

Everything here is composition of the operations in `autograd`; no derivative rule lives
in this package.
"""
