"""Pictures of training, and a callback that watches it.

Reading order: `style` and `sheet` (how everything is drawn), `curves`, `activation` and
the other single pictures; `layers`, `statistics` and `health` (what there is to see of
a model), `record`, `look` and `monitor` (watching), `overview` (all of it on one page),
`chart` and `live` (the page that follows a run).  matplotlib is loaded by the first
picture.
"""

from viz.training.activation import activation
from viz.training.attention import attention
from viz.training.boundary import boundary
from viz.training.confusion import confusion
from viz.training.curves import curves
from viz.training.embedding import embedding
from viz.training.init_study import init_study
from viz.training.matrices import filters, weights
from viz.training.monitor import Monitor
from viz.training.overview import monitor
from viz.training.record import Record
from viz.training.sweep import sweep

__all__ = [
    "Monitor",
    "Record",
    "activation",
    "attention",
    "boundary",
    "confusion",
    "curves",
    "embedding",
    "filters",
    "init_study",
    "monitor",
    "sweep",
    "weights",
]
