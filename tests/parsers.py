"""Parsers with defects, for the child that parses: it imports them by name (`tests.parsers:function`)."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal

Languages = tuple[str, ...]


def fails(document: Document, languages: Languages) -> Record | Refusal:
    message = f"no such model for {document.source_uri} in {languages}"
    raise FileNotFoundError(message)


def fails_on_one(document: Document, languages: Languages) -> Record | Refusal:
    if "Ort3" in document.text:
        message = "no such thing"
        raise ZeroDivisionError(message)
    return parse(document, languages)


def fails_on_some(document: Document, languages: Languages) -> Record | Refusal:
    if "Ort0" in document.text or "Stadt1" in document.text:
        raise ZeroDivisionError
    if "Zeitdorf" in document.text:
        _spin()
    if "Speicherdorf" in document.text:
        _allocate_at_once()
    return parse(document, languages)


def echoes(document: Document, _: Languages) -> Record | Refusal:
    return Refusal("echo", document.text)


def _spin() -> None:
    while True:
        pass


def _spin_in_c() -> None:
    re.fullmatch(r"(a|aa)+", "a" * 200 + "b")


def _allocate() -> None:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def _allocate_at_once() -> None:
    bytearray(1 << 50)  # to fill so much bit by bit would take CPU time, which has a limit as well


def _segfault() -> None:
    ctypes.string_at(0)


def _sleep() -> None:
    time.sleep(1000)


def _print() -> None:
    print("stray", flush=True)  # noqa: T201 - what is tested
    os.write(1, b"\0" * 100)
    sys.stdin.read()


def _succeed_alone() -> None:
    """Whoever comes for the second time marks so with a file."""
    mark = Path(os.environ["TEST_MARK"])
    if not mark.exists():
        mark.touch()
        _spin()


DEFECTS: dict[str, Callable[[], object]] = {
    "spin": _spin,
    "spin_in_c": _spin_in_c,
    "allocate": _allocate,
    "segfault": _segfault,
    "abort": os.abort,
    "exit": lambda: os._exit(3),
    "sleep": _sleep,
    "print": _print,
    "succeed_alone": _succeed_alone,
}
"""What a document can have the parser do by its text, `!name`."""


def obeys(document: Document, languages: Languages) -> Record | Refusal:
    if document.text.startswith("!"):
        DEFECTS[document.text[1:]]()
    return parse(document, languages)


# What the parser reads when it is first used belongs to no document of a test with narrow limits.
parse(Document("Ein Satz, der lang genug ist. " * 20, "", "", 0, 0, "text/plain", "utf-8"), ())
