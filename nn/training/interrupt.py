"""Ctrl-C between two steps rather than within one."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

__all__ = ["DeferredInterrupt"]


class DeferredInterrupt:
    """Context manager that notes Ctrl-C, so that `check` can raise it at a good moment.

    A second Ctrl-C is raised at once.  Outside the main thread, and where the program
    handles the signal in its own way, nothing is changed.
    """

    def __init__(self) -> None:
        self.noted = False
        self._installed = False

    def __enter__(self) -> Self:
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            signal.signal(signal.SIGINT, self._note)
            self._installed = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if error is None:
            self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self.noted:
            self.noted = False
            raise KeyboardInterrupt

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self.noted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
