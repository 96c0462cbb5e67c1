"""Global variables that a function looks up, and names that only look like them."""

import numpy as np

import autograd as ag


class Scale:
    """Has an attribute with the name of a global variable."""

    def __init__(self):
        self.counter = ag.Tensor(2.0)

    def __call__(self, x):
        return (self.counter * x).sum()


counter = 0


def test_an_attribute_is_no_global_variable_of_its_name():
    """A plan is not made again because a variable of that name changes."""
    global counter
    compiled = ag.compile(Scale())
    for number in range(20):  # more often than there may be plans: that would warn
        counter = number
        assert compiled(np.arange(3.0)).item() == 6.0
    assert "np.add.reduce" in compiled.source


def test_a_global_variable_is_looked_up():
    global counter
    counter = 2
    compiled = ag.compile(lambda x: (x * counter).sum())
    x = ag.Tensor(np.arange(3.0))
    assert compiled(x).item() == 6.0
    counter = 3
    assert compiled(x).item() == 9.0
