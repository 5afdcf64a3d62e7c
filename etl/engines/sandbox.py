"""Parse in a child process that can be killed: a document that hangs, crashes or swallows memory costs only itself.

`subprocess` and not `multiprocessing`, which the daemonic workers of Airflow and Celery may not use.
"""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from weakref import WeakSet

from etl.engines.sandbox_child import LENGTH_BYTES, MEMORY_STATUS, Failure, Orders, frame
from etl.errors import ParserNotStarted
from etl.settings import Settings
from etl.transform.record import Document, Record, Refusal
from etl.transform.version import parser_version

log = logging.getLogger(__name__)

PARSER = "etl.transform.parse:parse"

_WALL_FACTOR, _WALL_SECONDS = 10, 60
"""Wall seconds per CPU second, and on top, before a document that waits for something is given up."""
_GRACE_SECONDS = 30
"""The child ends itself at its limits; where even that fails (stopped, stuck in a system call), so much later we do."""
_AHEAD_DOCUMENTS, _AHEAD_BYTES = 256, 1 << 19
"""Documents sent before the first of them is answered: enough that the child never waits for us."""
_DOZE_DOCUMENTS, _DOZE_SECONDS = 32, 0.04
"""While so many are ahead, we sleep so long: being woken by every answer takes more time than dealing with it."""
_PIPE_BYTES = 1 << 20
_READ_BYTES = 1 << 18
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Threads of libraries that we do not use would take address space, and their spinning CPU."""


def orders_of(settings: Settings, parser: str = PARSER) -> Orders:
    """What a child is to do under these settings."""
    return Orders(
        parser=parser,
        version=parser_version(),
        languages=settings.languages,
        cpu_seconds=settings.document_cpu_seconds,
        wall_seconds=settings.document_cpu_seconds * _WALL_FACTOR + _WALL_SECONDS,
        memory_bytes=settings.document_memory_bytes,
    )


def parse_apart(documents: Iterable[Document], orders: Orders) -> Iterator[tuple[Document, Record | Refusal]]:
    """Parse documents in a child process, which works ahead while the caller deals with what came.

    A document that ends the child is tried once more, alone in a fresh one, so that neither load nor its forerunners
    decide; those behind it are sent again.

    Returns:
        Each document with what it became, in the order given.

    Raises:
        ParserNotStarted: the child cannot be started.
    """
    source = iter(documents)
    waiting: deque[Document] = deque()
    """Taken from the source and not answered; the child has the first few of them."""
    held = 0
    """Their bytes."""
    is_suspect = False
    """Whether the first of them has ended a child."""
    child = _take(orders)
    try:
        while True:
            while not is_suspect and len(waiting) < _AHEAD_DOCUMENTS and held < _AHEAD_BYTES:
                following = next(source, None)
                if following is None:
                    break
                waiting.append(following)
                held += following.source_length
            if not waiting:
                break
            for document in islice(waiting, child.unanswered, 1 if is_suspect else None):
                child.send(document)
            answer = child.receive()
            if answer is not None:
                found = _logged(waiting[0], answer)
            else:
                found = child.verdict()
                child = _Child(orders)
                if not is_suspect:
                    log.warning("%s: %s; trying it once more, alone", waiting[0].source_uri, found.message)
                    is_suspect = True
                    continue
            is_suspect = False
            document = waiting.popleft()
            held -= document.source_length
            yield document, found
    except BaseException:
        child.end()
        raise
    _give_back(child)


def _logged(document: Document, answer: Record | Refusal | Failure) -> Record | Refusal:
    if not isinstance(answer, Failure):
        return answer
    log.error("parser failed on %s\n%s", document.source_uri, answer.trace)
    return Refusal("parse_error", answer.message)


class _Child:
    """A child process and its two pipes; at most one document of those sent is in work."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        # An empty entry is the working folder; ours, not one that `-c` would add.
        path = os.pathsep.join(dict.fromkeys(os.path.abspath(entry) for entry in sys.path))  # noqa: PTH100
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from etl.engines.sandbox_child import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
            )
        except OSError as error:
            message = f"no process to parse in could be started: {error}; free memory or processes, then run again"
            raise ParserNotStarted(message) from error
        assert self._process.stdin is not None  # noqa: S101 - asked for
        assert self._process.stdout is not None  # noqa: S101
        self._questions, self._answers = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._questions, False)
        with suppress(OSError, AttributeError):  # Linux; so that large pages, too, are ahead
            fcntl.fcntl(self._questions, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._reading, self._both = select.poll(), select.poll()
        for poll in (self._reading, self._both):
            poll.register(self._answers, select.POLLIN)
        self._both.register(self._questions, select.POLLOUT)
        self._outbox: deque[memoryview] = deque([memoryview(frame(orders))])
        self._inbox = bytearray()
        self.unanswered = 0
        """Documents sent for which no answer was received."""
        self._started = False
        self._stuck = False
        _alive.add(self)

    def send(self, document: Document) -> None:
        """Have the document parsed after those sent before; never blocks."""
        self._outbox.append(memoryview(frame(document)))
        self.unanswered += 1

    def receive(self) -> Record | Refusal | Failure | None:
        """Wait for the next answer; None where the child has ended instead.

        Raises:
            ParserNotStarted: it has ended before it had begun.
        """
        if not self._started:
            said = self._next()
            hindrance = self.verdict().message if said is None else pickle.loads(said)  # noqa: S301 - our own child
            if hindrance:
                message = f"the process to parse in could not start; mend this and run again: {hindrance}"
                raise ParserNotStarted(message)
            self._started = True
        data = self._next()
        if data is None:
            return None
        self.unanswered -= 1
        answer: Record | Refusal | Failure = pickle.loads(data)  # noqa: S301 - from our own child
        return answer

    def _next(self) -> bytes | None:
        """The next frame's content; None at the child's end."""
        self._write()
        while (content := self._content()) is None:
            if self._started and self.unanswered >= _DOZE_DOCUMENTS and not self._outbox:
                time.sleep(_DOZE_SECONDS)
            poll = self._both if self._outbox else self._reading
            ready = poll.poll((self.orders.wall_seconds + _GRACE_SECONDS) * 1000)
            if not ready:
                self._stuck = True
                return None
            for descriptor, _ in ready:
                if descriptor == self._questions:
                    self._write()
                    continue
                data = os.read(self._answers, _READ_BYTES)
                if not data:
                    return None
                self._inbox += data
        return content

    def _content(self) -> bytes | None:
        """Take the first frame out of what was read; None where it is not whole yet."""
        end = LENGTH_BYTES + int.from_bytes(self._inbox[:LENGTH_BYTES], "big")
        if len(self._inbox) < max(end, LENGTH_BYTES + 1):
            return None
        content = bytes(self._inbox[LENGTH_BYTES:end])
        del self._inbox[:end]
        return content

    def _write(self) -> None:
        """Write what the pipe takes."""
        while self._outbox:
            part = self._outbox[0]
            try:
                written = os.write(self._questions, part)
            except BlockingIOError:
                return
            except BrokenPipeError:
                self._outbox.clear()  # it has ended; what it has answered can still be read
                return
            if written < len(part):
                self._outbox[0] = part[written:]
            else:
                self._outbox.popleft()

    def verdict(self) -> Refusal:
        """End the child, which failed to answer, and say of its document why."""
        if not self._stuck:
            with suppress(subprocess.TimeoutExpired):  # it has closed its pipe, so it is as good as gone
                self._process.wait(timeout=1)
        self.end()
        status, orders = self._process.returncode, self.orders
        if self._stuck or status == -signal.SIGALRM:
            return Refusal("parse_timeout", f"not parsed within {orders.wall_seconds:g} s, most of them spent waiting")
        if status == -signal.SIGPROF:
            return Refusal("parse_timeout", f"not parsed within {orders.cpu_seconds:g} s of CPU time")
        if status == MEMORY_STATUS:
            return Refusal("parse_memory", f"not parsed within {orders.memory_bytes} bytes of memory")
        names = {-number: number.name for number in signal.Signals}
        how = f"by {names.get(status, f'signal {-status}')}" if status < 0 else f"with exit status {status}"
        return Refusal("parse_error", f"the parser's process ended {how}")

    def is_alive(self) -> bool:
        """Whether it can be sent documents."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the child if it lives, and free what belongs to it here."""
        self._process.kill()
        self._process.wait()
        self._close()

    def forget(self) -> None:
        """In a process just forked: let go of a child that is our parent's, and must see its pipes close with it."""
        self._process.returncode = 0  # so that nothing here kills it or waits for it
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


_alive: WeakSet[_Child] = WeakSet()
"""Every child of this process, or ended ones that nobody has forgotten yet."""
_resting: list[_Child] = []
"""The child that the next call may use; at most one."""
_lock = threading.Lock()


def _take(orders: Orders) -> _Child:
    with _lock:
        child = _resting.pop() if _resting else None
    if child is not None:
        if child.orders == orders and child.is_alive():
            return child
        child.end()
    return _Child(orders)


def _give_back(child: _Child) -> None:
    with _lock:
        before, _resting[:] = _resting[:], [child]
    for other in before:
        other.end()


def _end_all() -> None:
    for child in list(_alive):
        child.end()


def _forget_all() -> None:
    global _lock  # noqa: PLW0603 - it may have been held by a thread that is not here
    _lock = threading.Lock()
    _resting.clear()
    for child in list(_alive):
        child.forget()
    _alive.clear()


atexit.register(_end_all)
os.register_at_fork(after_in_child=_forget_all)
