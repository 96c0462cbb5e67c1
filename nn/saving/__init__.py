"""Saving models, weights and states, in files that nothing can half-write.

    nn.save(model, path)                nn.load(path)
    nn.save_weights(model, path)        nn.load_weights(model, path)
    nn.saving.write_state(path, state)  nn.saving.read_state(path)

All are safetensors files: arrays and text, nothing that could be executed.
"""

from nn.saving.model import load as load
from nn.saving.model import load_weights as load_weights
from nn.saving.model import read_weights as read_weights
from nn.saving.model import save as save
from nn.saving.model import save_weights as save_weights
from nn.saving.state import read_state as read_state
from nn.saving.state import write_state as write_state
