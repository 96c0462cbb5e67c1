"""Pictures of training, and a callback that watches it.

matplotlib is loaded by the first picture.
"""
