"""One call of each layer, for the diagrams of ``docs/layers.md``.

The text makes the layer; the shapes are those of the inputs, which hold 0.5; an array
stands where values matter.
"""

from typing import Any

import numpy as np

__all__ = ["EXAMPLES"]

_BATCH = ((5, 4),)
_PAIR = ((5, 4), (5, 4))
_SIGNALS = ((2, 3, 8),)
_IMAGES = ((2, 3, 8, 8),)
_SEQUENCE = ((7, 2, 3),)
_CLASSES = np.zeros(5, int)
_SIGNS = np.ones(5)
_ENCODER_LAYER = "nn.TransformerEncoderLayer(8, 2, 16, rng=rng)"

EXAMPLES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "Sequential": ("nn.Sequential(nn.Linear(4, 8, rng=rng), nn.ReLU())", _BATCH),
    "Identity": ("nn.Identity()", _BATCH),
    "Linear": ("nn.Linear(4, 2, rng=rng)", _BATCH),
    "Bilinear": ("nn.Bilinear(3, 4, 2, rng=rng)", ((5, 3), (5, 4))),
    "Flatten": ("nn.Flatten()", _IMAGES),
    "Unflatten": ("nn.Unflatten(1, (3, 4))", ((5, 12),)),
    "Conv1d": ("nn.Conv1d(3, 6, 3, rng=rng)", _SIGNALS),
    "Conv2d": ("nn.Conv2d(3, 6, 3, stride=2, padding=1, rng=rng)", _IMAGES),
    "ConvTranspose1d": ("nn.ConvTranspose1d(3, 6, 2, stride=2, rng=rng)", _SIGNALS),
    "ConvTranspose2d": ("nn.ConvTranspose2d(3, 6, 2, stride=2, rng=rng)", _IMAGES),
    "MaxPool1d": ("nn.MaxPool1d(2)", _SIGNALS),
    "MaxPool2d": ("nn.MaxPool2d(2)", _IMAGES),
    "AvgPool1d": ("nn.AvgPool1d(2)", _SIGNALS),
    "AvgPool2d": ("nn.AvgPool2d(2)", _IMAGES),
    "AdaptiveAvgPool2d": ("nn.AdaptiveAvgPool2d(1)", _IMAGES),
    "ConstantPad1d": ("nn.ConstantPad1d((1, 2), 0.5)", _SIGNALS),
    "ConstantPad2d": ("nn.ConstantPad2d((1, 2, 0, 3), 0.5)", _IMAGES),
    "ZeroPad1d": ("nn.ZeroPad1d(1)", _SIGNALS),
    "ZeroPad2d": ("nn.ZeroPad2d(1)", _IMAGES),
    "ReflectionPad1d": ("nn.ReflectionPad1d(1)", _SIGNALS),
    "ReflectionPad2d": ("nn.ReflectionPad2d(1)", _IMAGES),
    "ReplicationPad1d": ("nn.ReplicationPad1d(1)", _SIGNALS),
    "ReplicationPad2d": ("nn.ReplicationPad2d(1)", _IMAGES),
    "CircularPad1d": ("nn.CircularPad1d(1)", _SIGNALS),
    "CircularPad2d": ("nn.CircularPad2d(1)", _IMAGES),
    "Embedding": ("nn.Embedding(10, 3, rng=rng)", (np.zeros((2, 7), int),)),
    "RNN": ("nn.RNN(3, 5, rng=rng)", _SEQUENCE),
    "LSTM": ("nn.LSTM(3, 5, num_layers=2, rng=rng)", _SEQUENCE),
    "GRU": ("nn.GRU(3, 5, bidirectional=True, rng=rng)", _SEQUENCE),
    "RNNCell": ("nn.RNNCell(3, 5, rng=rng)", ((2, 3),)),
    "LSTMCell": ("nn.LSTMCell(3, 5, rng=rng)", ((2, 3),)),
    "GRUCell": ("nn.GRUCell(3, 5, rng=rng)", ((2, 3),)),
    "MultiheadAttention": (
        "nn.MultiheadAttention(8, 2, rng=rng)",
        ((5, 3, 8), (7, 3, 8), (7, 3, 8)),
    ),
    "TransformerEncoderLayer": (_ENCODER_LAYER, ((5, 3, 8),)),
    "TransformerEncoder": (f"nn.TransformerEncoder({_ENCODER_LAYER}, 3)", ((5, 3, 8),)),
    "SinusoidalPositionalEncoding": (
        "nn.SinusoidalPositionalEncoding(8)",
        ((5, 3, 8),),
    ),
    "LearnedPositionalEncoding": (
        "nn.LearnedPositionalEncoding(8, 20, rng=rng)",
        ((5, 3, 8),),
    ),
    "BatchNorm1d": ("nn.BatchNorm1d(4)", _BATCH),
    "BatchNorm2d": ("nn.BatchNorm2d(3)", _IMAGES),
    "LayerNorm": ("nn.LayerNorm(4)", ((5, 7, 4),)),
    "GroupNorm": ("nn.GroupNorm(3, 6)", ((2, 6, 8),)),
    "RMSNorm": ("nn.RMSNorm(4)", ((5, 7, 4),)),
    "InstanceNorm1d": ("nn.InstanceNorm1d(3)", _SIGNALS),
    "InstanceNorm2d": ("nn.InstanceNorm2d(3)", _IMAGES),
    "Dropout": ("nn.Dropout(0.5, rng=rng)", _BATCH),
    "Dropout2d": ("nn.Dropout2d(0.5, rng=rng)", _IMAGES),
    "AlphaDropout": ("nn.AlphaDropout(0.5, rng=rng)", _BATCH),
    "CELU": ("nn.CELU()", _BATCH),
    "ELU": ("nn.ELU()", _BATCH),
    "GELU": ("nn.GELU()", _BATCH),
    "GLU": ("nn.GLU()", _BATCH),
    "Hardsigmoid": ("nn.Hardsigmoid()", _BATCH),
    "Hardswish": ("nn.Hardswish()", _BATCH),
    "Hardtanh": ("nn.Hardtanh()", _BATCH),
    "LeakyReLU": ("nn.LeakyReLU(0.1)", _BATCH),
    "LogSigmoid": ("nn.LogSigmoid()", _BATCH),
    "LogSoftmax": ("nn.LogSoftmax(axis=-1)", _BATCH),
    "Mish": ("nn.Mish()", _BATCH),
    "ReLU": ("nn.ReLU()", _BATCH),
    "ReLU6": ("nn.ReLU6()", _BATCH),
    "SELU": ("nn.SELU()", _BATCH),
    "SiLU": ("nn.SiLU()", _BATCH),
    "Sigmoid": ("nn.Sigmoid()", _BATCH),
    "Softmax": ("nn.Softmax(axis=-1)", _BATCH),
    "Softmin": ("nn.Softmin(axis=-1)", _BATCH),
    "Softplus": ("nn.Softplus()", _BATCH),
    "Softsign": ("nn.Softsign()", _BATCH),
    "Tanh": ("nn.Tanh()", _BATCH),
    "Tanhshrink": ("nn.Tanhshrink()", _BATCH),
    "MSELoss": ("nn.MSELoss()", _PAIR),
    "L1Loss": ("nn.L1Loss()", _PAIR),
    "SmoothL1Loss": ("nn.SmoothL1Loss()", _PAIR),
    "HuberLoss": ("nn.HuberLoss()", _PAIR),
    "BCELoss": ("nn.BCELoss()", _PAIR),
    "BCEWithLogitsLoss": ("nn.BCEWithLogitsLoss()", _PAIR),
    "CrossEntropyLoss": ("nn.CrossEntropyLoss()", ((5, 4), _CLASSES)),
    "NLLLoss": ("nn.NLLLoss()", (np.full((5, 4), -1.4), _CLASSES)),
    "KLDivLoss": ("nn.KLDivLoss('batchmean')", _PAIR),
    "HingeLoss": ("nn.HingeLoss()", ((5,), _SIGNS)),
    "MultiMarginLoss": ("nn.MultiMarginLoss()", ((5, 4), _CLASSES)),
    "CosineEmbeddingLoss": ("nn.CosineEmbeddingLoss()", (*_PAIR, _SIGNS)),
    "TripletMarginLoss": ("nn.TripletMarginLoss()", ((5, 4),) * 3),
    "PoissonNLLLoss": ("nn.PoissonNLLLoss()", _PAIR),
    "GaussianNLLLoss": ("nn.GaussianNLLLoss()", (*_PAIR, (5, 1))),
}
