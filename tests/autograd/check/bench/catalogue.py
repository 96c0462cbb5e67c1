"""The seven networks of the bench: forward pass, a point, right backward passes."""

from tests.autograd.check.bench import feedforward, structured

# In "square" all sizes are equal, so that no wrong product stops with an error of
# shapes.
NETWORKS = ("article", "deep", "softmax", "norm", "rnn", "conv", "attention", "square")


def square_point(rng):
    """Return a point of the deep network with all sizes equal."""
    sizes = {"W1": (4, 4), "b1": 4, "W2": (4, 4), "b2": 4, "W3": (4, 4), "b3": 4}
    parameters = {name: rng.standard_normal(size) for name, size in sizes.items()}
    return parameters, rng.standard_normal((4, 4)), rng.standard_normal((4, 4)), 0.3


def network(name):
    """Return (forward, point, backward passes) of a network; the first is mutated."""
    if name == "square":
        forward, _, backwards = network("deep")
        return forward, square_point, backwards[:1]
    module = feedforward if hasattr(feedforward, f"{name}_point") else structured
    functions = {k: f for k, f in vars(module).items() if k.startswith(f"{name}_")}
    point, forward = functions.pop(f"{name}_point"), functions.pop(f"{name}_forward")
    return forward, point, list(functions.values())
