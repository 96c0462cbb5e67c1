"""Networks, each written twice: with chalkgrad, and by hand as the floor.

Every module has a function for each workload that returns two functions without
arguments, ``(ours, by_hand)``.  Both take one training step (forward and backward) on
the same numbers and return the loss and the gradients.  The hand-written step is as
fast as NumPy allows: it uses what is already computed, works in place, and batches
products.
"""
