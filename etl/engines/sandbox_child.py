"""The child of `sandbox`: parses one document after another, within limits that the kernel enforces by ending it.

It imports the parser and little else, so that it starts fast and a limit of memory is one of the document. Frames go
both ways: eight bytes of length, then a pickle. The child reads `Orders`, says what keeps it from starting (a text,
empty where nothing does), then answers each `Document` by a `Record`, a `Refusal` or a `Failure`, in order.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from etl.errors import CodeChanged
from etl.transform.record import Document, Record, Refusal
from etl.transform.version import parser_version

LENGTH_BYTES = 8
MEMORY_STATUS = 86
"""Exit status of a child whose document took more memory than it may."""
_LOOK_SECONDS = 0.02

Parser = Callable[[Document, tuple[str, ...]], Record | Refusal]


@dataclass(frozen=True, slots=True)
class Orders:
    """What a child is to do, and within which limits for each document."""

    parser: str
    """`module:function`, a `Parser`."""
    version: str
    """The `parser_version` of the parent; the code on disk may have been exchanged since the parent read it."""
    languages: tuple[str, ...]
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    """On top of what the child takes when it has started."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that left the parser."""

    message: str
    trace: str


def frame(value: object) -> bytes:
    """A value as it goes through the pipe."""
    data = pickle.dumps(value, protocol=5)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def main() -> None:
    """Serve until the parent closes the pipe, which it also does by dying."""
    questions, answers = _take_pipes()
    _reset_signals()
    orders: Orders = _read(questions)
    try:
        parser = _load(orders)
    except Exception:  # noqa: BLE001 - whatever it is, the parent says it
        _write(answers, frame(traceback.format_exc()))
        return
    limit_memory(orders.memory_bytes)
    _write(answers, frame(""))
    try:
        while (document := _read(questions)) is not None:
            # Both signals end a process that does not handle them, whatever code it is in.
            signal.setitimer(signal.ITIMER_PROF, orders.cpu_seconds)
            signal.setitimer(signal.ITIMER_REAL, orders.wall_seconds)
            answer = _answer(parser, document, orders.languages)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _write(answers, answer)
    except MemoryError:
        # What is left of this process is not to be trusted with another document.
        os._exit(MEMORY_STATUS)


def _load(orders: Orders) -> Parser:
    module, _, function = orders.parser.partition(":")
    parser: Parser = getattr(import_module(module), function)
    if parser_version() != orders.version:
        message = f"this machine has parser {parser_version()} by now, this worker began with {orders.version}"
        raise CodeChanged(message)
    return parser


def _take_pipes() -> tuple[IO[bytes], int]:
    """Move the pipes away from where a stray `print` or `input`, of Python or of C, would find them."""
    questions, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return open(questions, "rb"), answers  # noqa: PTH123 - a descriptor, for as long as we live


def _reset_signals() -> None:
    """Undo what is inherited, and leave Ctrl-C to the parent, after which we end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ours = (signal.SIGPROF, signal.SIGALRM)
    for number in ours:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ours)
    # A crash shows where it happened, and leaves no memory dump, of which there could be one for each document.
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def limit_memory(more: int) -> None:
    """Let this process grow by so many bytes and no more."""
    if sys.platform != "linux":
        threading.Thread(target=watch_memory, args=(more,), daemon=True).start()
        return
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + more
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def watch_memory(more: int) -> None:
    """End this process once it has grown by so many bytes; for systems that set a limit and do not keep it (macOS)."""
    limit = _peak_bytes() + more
    while _peak_bytes() <= limit:
        time.sleep(_LOOK_SECONDS)
    os._exit(MEMORY_STATUS)


def _peak_bytes() -> int:
    """The most memory this process ever had; macOS counts in bytes, others in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _answer(parser: Parser, document: Document, languages: tuple[str, ...]) -> bytes:
    try:
        return frame(parser(document, languages))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect of the parser costs a document, not the child
        return frame(Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))


def _read(pipe: IO[bytes]) -> Any:
    """The next value; None where the parent has closed the pipe."""
    length = int.from_bytes(pipe.read(LENGTH_BYTES), "big")
    data = pipe.read(length)
    return pickle.loads(data) if length and len(data) == length else None  # noqa: S301 - from our own parent


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except BrokenPipeError:
        os._exit(0)  # nobody waits for the answer any more
