"""chalkgrad's layers ``nn.RNN`` and ``nn.LSTM`` in place of a written-out loop."""

import numpy as np
from libraries.chalkgrad import VERSION, to_numpy

import nn
from autograd import cross_entropy

__all__ = ["STEPS", "VERSION", "to_numpy"]


def layer_step(kind):
    """Return what builds the step with a layer; characters are one-hot."""

    def builder(problem):
        x, y, v = problem.data["x"], problem.data["y"], problem.parameters
        characters, hidden = v["Wo"].shape
        rng = np.random.default_rng(0)
        layer, out = (
            kind(characters, hidden, rng=rng),
            nn.Linear(hidden, characters, rng=rng),
        )
        weights = {
            "weight_ih_l0": v["table"].T.copy(),
            "weight_hh_l0": v["Wh"],
            "bias_ih_l0": v["bh"],
            "bias_hh_l0": np.zeros_like(v["bh"]),
        }
        layer.load_state_dict(weights)
        out.load_state_dict({"weight": v["Wo"], "bias": v["bo"]})
        one_hot = np.eye(characters, dtype=np.float32)[x]

        def step():
            layer.zero_grad()
            out.zero_grad()
            states, _ = layer(one_hot)
            loss = cross_entropy(out(states).reshape(y.size, -1), y)
            loss.backward(keep="leaves")
            return loss.data, {
                "table": layer.weight_ih_l0.grad.T,
                "Wh": layer.weight_hh_l0.grad,
                "bh": layer.bias_ih_l0.grad,
                "Wo": out.weight.grad,
                "bo": out.bias.grad,
            }

        return step

    return builder


STEPS = {"R1": layer_step(nn.RNN), "R2": layer_step(nn.LSTM)}
