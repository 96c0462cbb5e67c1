"""A program that trains, is killed, and is started again, by `test_resume_process`.

Every step is written to a log, ``STEP LOSS`` with all bits, as soon as it is done.
"""

import json
import os
import signal
import sys
from pathlib import Path

import nn
from tests.nn.training.runs import bits, build


class Log:
    """Writes down each step, and kills the process, without any warning, at one."""

    def __init__(self, path, kill_at):
        self.path = path
        self.kill_at = kill_at

    def on_batch_end(self, trainer):
        """Write the step, unbuffered, and perhaps die."""
        with self.path.open("a") as file:
            file.write(f"{trainer.step} {trainer.batch_loss.hex()}\n")
        if trainer.step == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder, kill_at, epochs, settings):
    """Train with a checkpoint in a folder; at the end, write the state there."""
    folder = Path(folder)
    checkpoint = folder / "run.safetensors"
    callbacks = [
        Log(folder / "log.txt", kill_at),
        nn.EarlyStopping(patience=99),
        nn.Checkpoint(checkpoint, every_batches=2),
    ]
    trainer, arguments = build(callbacks=callbacks, **settings)
    trainer.fit(**arguments, epochs=epochs, resume=checkpoint)
    (folder / "state.json").write_text(json.dumps(bits(trainer.state_dict())))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4]))
