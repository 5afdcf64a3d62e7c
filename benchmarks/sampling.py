"""Where CPU time goes: the running function is looked at each millisecond of CPU time, which costs next to nothing."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

PACKAGE = Path(__file__).resolve().parents[1] / "etl"
_EVERY = 0.001


class Samples:
    """How often each module of the project, and each function, was the innermost of ours that ran."""

    def __init__(self) -> None:
        self.modules: Counter[str] = Counter()
        self.functions: Counter[str] = Counter()

    def take(self, frame: FrameType | None) -> None:
        """Count one look; time in a library is its caller's."""
        while frame is not None:
            file = Path(frame.f_code.co_filename)
            if file.is_relative_to(PACKAGE):
                module = file.relative_to(PACKAGE).with_suffix("").as_posix()
                self.modules[module] += 1
                self.functions[f"{module}:{frame.f_code.co_qualname}"] += 1
                return
            frame = frame.f_back


@contextmanager
def sampling() -> Iterator[Samples]:
    """Look at this process while the block runs (main thread only)."""
    samples = Samples()
    before = signal.signal(signal.SIGPROF, lambda _signal, frame: samples.take(frame))
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
