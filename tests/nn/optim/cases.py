"""Optimisers and schedules with all their switches, and a problem to try them on."""

import json
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from nn import optim


class Case(NamedTuple):
    """A class of `nn.optim`, by name, and its hyper-parameters."""

    name: str
    settings: dict[str, Any]


OPTIMIZERS = {
    "SGD": Case("SGD", {"lr": 0.1}),
    "SGD momentum": Case("SGD", {"lr": 0.1, "momentum": 0.9}),
    "SGD dampening": Case("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.3}),
    "SGD nesterov": Case(
        "SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}
    ),
    "Adagrad": Case("Adagrad", {"lr": 0.03}),
    "Adagrad all": Case(
        "Adagrad",
        {
            "lr": 0.1,
            "lr_decay": 0.01,
            "weight_decay": 0.1,
            "initial_accumulator_value": 0.5,
            "eps": 1e-3,
        },
    ),
    "Adadelta": Case("Adadelta", {}),
    "Adadelta all": Case(
        "Adadelta", {"lr": 0.7, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}
    ),
    "RMSprop": Case("RMSprop", {"lr": 0.002}),
    "RMSprop centered": Case("RMSprop", {"lr": 0.002, "centered": True, "alpha": 0.9}),
    "RMSprop all": Case(
        "RMSprop", {"centered": True, "momentum": 0.5, "weight_decay": 0.1, "eps": 0.01}
    ),
    "Adam": Case("Adam", {"lr": 0.005}),
    "Adam amsgrad": Case(
        "Adam",
        {"lr": 0.005, "betas": (0.5, 0.6), "amsgrad": True, "weight_decay": 0.1},
    ),
    "Adam decoupled": Case(
        "Adam", {"lr": 0.005, "weight_decay": 0.1, "decoupled_weight_decay": True}
    ),
    "AdamW": Case("AdamW", {"lr": 0.005, "weight_decay": 0.1, "eps": 1e-3}),
    "AdamW amsgrad": Case("AdamW", {"lr": 0.005, "betas": (0.5, 0.6), "amsgrad": True}),
    "Adamax": Case("Adamax", {"lr": 0.005}),
    "Adamax decay": Case(
        "Adamax", {"lr": 0.005, "betas": (0.8, 0.9), "weight_decay": 0.1}
    ),
    "NAdam": Case("NAdam", {"lr": 0.005}),
    "NAdam decay": Case(
        "NAdam", {"lr": 0.005, "weight_decay": 0.1, "momentum_decay": 0.1}
    ),
    "NAdam decoupled": Case(
        "NAdam", {"lr": 0.005, "weight_decay": 0.1, "decoupled_weight_decay": True}
    ),
    "RAdam": Case("RAdam", {"lr": 0.005}),
    "RAdam decay": Case(
        "RAdam", {"lr": 0.005, "betas": (0.8, 0.9), "weight_decay": 0.1}
    ),
    "RAdam decoupled": Case(
        "RAdam", {"lr": 0.005, "weight_decay": 0.1, "decoupled_weight_decay": True}
    ),
    "Lion": Case("Lion", {"lr": 0.01}),
    "Lion decay": Case("Lion", {"lr": 0.01, "betas": (0.5, 0.6), "weight_decay": 0.1}),
    "LBFGS": Case("LBFGS", {"lr": 0.3, "max_iter": 2}),
    "LBFGS history": Case("LBFGS", {"lr": 0.3, "max_iter": 1, "history_size": 3}),
    "LBFGS wolfe": Case(
        "LBFGS", {"max_iter": 1, "max_eval": 8, "line_search_fn": "strong_wolfe"}
    ),
}

# How many steps of SGD with momentum the learning rates are compared over.
STEPS = 66

SCHEDULES = {
    "StepLR": Case("StepLR", {"step_size": 7}),
    "StepLR 3": Case("StepLR", {"step_size": 3, "gamma": 0.9}),
    "MultiStepLR": Case("MultiStepLR", {"milestones": [4, 30, 9, 30], "gamma": 0.7}),
    "ExponentialLR": Case("ExponentialLR", {"gamma": 0.93}),
    "ConstantLR": Case("ConstantLR", {}),
    "ConstantLR 20": Case("ConstantLR", {"factor": 0.3, "total_iters": 20}),
    "LinearLR": Case("LinearLR", {}),
    "LinearLR down": Case(
        "LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 40}
    ),
    "LambdaLR": Case("LambdaLR", {"lr_lambda": lambda t: 0.9**t + 0.1}),
    "LambdaLR list": Case(
        "LambdaLR", {"lr_lambda": [lambda t: 1 / (1 + t), lambda t: 0.5 + t]}
    ),
    "CosineAnnealingLR": Case("CosineAnnealingLR", {"T_max": 20}),
    "CosineAnnealingLR eta_min": Case(
        "CosineAnnealingLR", {"T_max": 13, "eta_min": 0.01}
    ),
    "CosineAnnealingWarmRestarts": Case("CosineAnnealingWarmRestarts", {"T_0": 9}),
    "CosineAnnealingWarmRestarts 2": Case(
        "CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 2, "eta_min": 0.01}
    ),
    "OneCycleLR": Case("OneCycleLR", {"max_lr": 0.3, "total_steps": 70}),
    "OneCycleLR three": Case(
        "OneCycleLR",
        {
            "max_lr": [0.3, 0.5],
            "epochs": 7,
            "steps_per_epoch": 10,
            "pct_start": 0.25,
            "anneal_strategy": "linear",
            "three_phase": True,
            "div_factor": 10,
            "final_div_factor": 100,
        },
    ),
    "OneCycleLR no momentum": Case(
        "OneCycleLR", {"max_lr": 0.3, "total_steps": 67, "cycle_momentum": False}
    ),
    "CyclicLR": Case("CyclicLR", {"base_lr": 0.01, "max_lr": 0.2, "step_size_up": 5}),
    "CyclicLR 2": Case(
        "CyclicLR",
        {
            "base_lr": [0.01, 0.02],
            "max_lr": [0.2, 0.3],
            "step_size_up": 5,
            "step_size_down": 8,
            "mode": "triangular2",
        },
    ),
    "CyclicLR exp": Case(
        "CyclicLR",
        {
            "base_lr": 0.01,
            "max_lr": 0.2,
            "step_size_up": 6,
            "mode": "exp_range",
            "gamma": 0.98,
            "cycle_momentum": False,
        },
    ),
    "CyclicLR function": Case(
        "CyclicLR",
        {
            "base_lr": 0.01,
            "max_lr": 0.2,
            "step_size_up": 6,
            "scale_fn": lambda t: 1 / (1 + 0.1 * t),
            "scale_mode": "iterations",
        },
    ),
}


def sequences(module: Any, optimizer: Any) -> dict[str, Any]:
    """Return functions that make sequences, of ours or of PyTorch's schedules."""

    def warm_up() -> Any:
        first = module.LinearLR(optimizer, start_factor=0.1, total_iters=10)
        then = module.CosineAnnealingLR(optimizer, T_max=30)
        return module.SequentialLR(optimizer, [first, then], milestones=[10])

    def three() -> Any:
        parts = [
            module.ConstantLR(optimizer, factor=0.5, total_iters=3),
            module.ExponentialLR(optimizer, gamma=0.9),
            module.StepLR(optimizer, step_size=4, gamma=0.5),
        ]
        return module.SequentialLR(optimizer, parts, milestones=[5, 25])

    def restarts() -> Any:
        parts = [
            module.LinearLR(optimizer),
            module.CosineAnnealingWarmRestarts(optimizer, T_0=6),
        ]
        return module.SequentialLR(optimizer, parts, milestones=[8])

    return {
        "SequentialLR warm-up": warm_up,
        "SequentialLR three": three,
        "SequentialLR restarts": restarts,
    }


SEQUENCES = ("SequentialLR warm-up", "SequentialLR three", "SequentialLR restarts")


def make_schedule(label: str, module: Any, optimizer: Any) -> Any:
    """Return a schedule, ours or PyTorch's."""
    if label in SEQUENCES:
        return sequences(module, optimizer)[label]()
    case = SCHEDULES[label]
    return getattr(module, case.name)(optimizer, **case.settings)


SHAPES = {"w": (4, 3), "b": (3,), "s": ()}
_RNG = np.random.default_rng(2)
INPUTS, TARGETS = _RNG.normal(size=(7, 4)), _RNG.normal(size=(7, 3))


def start() -> dict[str, np.ndarray]:
    """Return where the parameters begin."""
    rng = np.random.default_rng(1)
    return {name: rng.normal(size=shape) for name, shape in SHAPES.items()}


def cost_and_gradients(values: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Return the error of s tanh(X w + b) with an L2 term, and gradients by hand."""
    x, y = INPUTS, TARGETS
    a = np.tanh(x @ values["w"] + values["b"])
    difference = values["s"] * a - y
    d = 2 * difference / y.size
    dz = d * values["s"] * (1 - a * a)
    gradients = {"w": x.T @ dz, "b": dz.sum(0), "s": np.sum(d * a)}
    for name, value in values.items():
        gradients[name] = gradients[name] + 0.1 * value
    penalty = 0.05 * sum(np.sum(value**2) for value in values.values())
    return float(np.mean(difference**2) + penalty), gradients


def parameters(dtype: Any = np.float64) -> list[Tensor]:
    """Return the parameters of the problem as tensors."""
    return [Tensor(x, dtype=dtype, name=name) for name, x in start().items()]


def make(label: str, params: Any) -> Any:
    """Return one of our optimisers."""
    case = OPTIMIZERS[label]
    return getattr(optim, case.name)(params, **case.settings)


def train(optimizer: Any, params: list[Tensor], steps: int) -> list[float]:
    """Take steps on the problem; return the costs."""
    costs = []

    def closure() -> float:
        cost, gradients = cost_and_gradients({str(p.name): p.data for p in params})
        for p in params:
            p.grad = np.asarray(gradients[str(p.name)], dtype=p.dtype)[()]
        return cost

    for _ in range(steps):
        if isinstance(optimizer, optim.LBFGS):
            costs.append(optimizer.step(closure))
        else:
            costs.append(closure())
            optimizer.step()
    return costs


def through_json(state: Any) -> Any:
    """Return a state after JSON for its values and copies for its arrays."""
    arrays: list[np.ndarray] = []

    def outline(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            arrays.append(np.ascontiguousarray(value).copy().reshape(value.shape))
            return {"array": len(arrays) - 1}
        if isinstance(value, dict):
            return {key: outline(item) for key, item in value.items()}
        return [outline(item) for item in value] if isinstance(value, list) else value

    def restored(value: Any) -> Any:
        if isinstance(value, dict):
            if list(value) == ["array"]:
                return arrays[value["array"]]
            return {key: restored(item) for key, item in value.items()}
        return [restored(item) for item in value] if isinstance(value, list) else value

    return restored(json.loads(json.dumps(outline(state))))


def bits(state: Any) -> Any:
    """Return a state in which arrays are replaced by their bytes, for comparing."""
    if isinstance(state, np.ndarray | np.generic):
        return (state.shape, str(state.dtype), state.tobytes())
    if isinstance(state, dict):
        return {key: bits(value) for key, value in state.items()}
    if isinstance(state, list):
        return [bits(value) for value in state]
    return state
