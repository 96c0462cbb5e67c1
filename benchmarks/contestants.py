"""Who takes part, and which interpreter runs it.

Every library has a virtual environment of its own in ``.venv-bench/``, which
``make bench-setup`` builds from the pinned versions in ``benchmarks/environments/``.
Where one is missing, the interpreter that runs this command is taken if it has the
library; otherwise the library is left out, with the reason.
"""

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venv-bench"


@dataclass(frozen=True)
class Contestant:
    """A way to take the steps.

    Attributes
    ----------
    name : str
        As the tables have it.
    library : str
        The file in ``libraries/``.
    environment : str
        The requirements in ``environments/``.
    distribution : str
        What must be installed, by its name in the package index.
    ours : bool
        Whether it needs this project on its path.
    """

    name: str
    library: str
    environment: str
    distribution: str
    ours: bool = False


FLOOR = Contestant("by hand", "by_hand", "project", "numpy")
EAGER = Contestant("eager", "chalkgrad", "project", "numpy", ours=True)
COMPILED = Contestant("compiled", "chalkgrad_compiled", "project", "numpy", ours=True)
LAYERS = Contestant("layers", "chalkgrad_layers", "project", "numpy", ours=True)
PROJECT = (FLOOR, EAGER, COMPILED, LAYERS)

# By the name on the command line; all contestants of one environment go together.
PEERS = {
    "torch": (
        Contestant("torch", "torch_", "torch", "torch"),
        Contestant("torch layers", "torch_layers", "torch", "torch"),
    ),
    "jax": (Contestant("jax.jit", "jax_", "jax", "jax"),),
    "mygrad": (Contestant("MyGrad", "mygrad_", "mygrad", "mygrad"),),
    "hips": (Contestant("HIPS", "hips", "hips", "autograd"),),
    "tinygrad": (Contestant("tinygrad", "tinygrad_", "tinygrad", "tinygrad"),),
    "micrograd": (Contestant("micrograd", "micrograd_", "micrograd", "micrograd"),),
}
NAMES = [c.name for c in (*PROJECT, *(c for peer in PEERS.values() for c in peer))]


def interpreter_of(contestant: Contestant) -> Path | None:
    """Return the Python that runs a contestant, or None where there is none."""
    own = ENVIRONMENTS / contestant.environment
    if (own / "ready").exists():  # the last thing that `make bench-setup` writes
        return own / "bin" / "python"
    try:
        version(contestant.distribution)
    except PackageNotFoundError:
        return None
    return Path(sys.executable)


def take_part(peers: list[str]) -> tuple[list[Contestant], dict[str, str]]:
    """Return who can run, and for the others why they cannot."""
    wanted = [*PROJECT, *(c for peer in peers for c in PEERS[peer])]
    present, left_out = [], {}
    for contestant in wanted:
        if interpreter_of(contestant) is None:
            left_out[contestant.name] = (
                f"{contestant.distribution} is not installed and there is no "
                f".venv-bench/{contestant.environment}: run `make bench-setup`"
            )
        else:
            present.append(contestant)
    return present, left_out
