"""PyTorch's layers ``nn.RNN`` and ``nn.LSTM`` in place of a written-out loop."""

import torch
import torch.nn.functional as F
from libraries.torch_ import VERSION, tensors, to_numpy

__all__ = ["STEPS", "VERSION", "to_numpy"]


def layer_step(kind):
    """Return what builds the step with a layer; characters are one-hot."""

    def builder(problem):
        v, (x, y) = tensors(problem.parameters), tensors(problem.data).values()
        characters, hidden = v["Wo"].shape
        layer, out = kind(characters, hidden), torch.nn.Linear(hidden, characters)
        weights = {
            "weight_ih_l0": v["table"].T,
            "weight_hh_l0": v["Wh"],
            "bias_ih_l0": v["bh"],
            "bias_hh_l0": torch.zeros_like(v["bh"]),
        }
        layer.load_state_dict(weights)
        out.load_state_dict({"weight": v["Wo"], "bias": v["bo"]})
        one_hot = F.one_hot(x, characters).to(torch.float32)

        def step():
            layer.zero_grad()
            out.zero_grad()
            states, _ = layer(one_hot)
            loss = F.cross_entropy(out(states).reshape(len(y), -1), y)
            loss.backward()
            return loss, {
                "table": layer.weight_ih_l0.grad.T,
                "Wh": layer.weight_hh_l0.grad,
                "bh": layer.bias_ih_l0.grad,
                "Wo": out.weight.grad,
                "bo": out.bias.grad,
            }

        return step

    return builder


STEPS = {"R1": layer_step(torch.nn.RNN), "R2": layer_step(torch.nn.LSTM)}
