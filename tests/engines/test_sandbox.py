"""Documents that hang, crash or swallow memory cost themselves, and no other document."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from etl.engines import sandbox
from etl.engines.sandbox import orders_of, parse_apart
from etl.engines.sandbox_child import MEMORY_STATUS, Orders
from etl.errors import ParserNotStarted
from etl.settings import Settings
from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal
from tests.conftest import PAGE

MIB = 1 << 20
ORDERS = replace(orders_of(Settings(), "tests.parsers:obeys"), cpu_seconds=0.3, wall_seconds=2, memory_bytes=200 * MIB)

EXPECTED = {
    "spin": ("parse_timeout", "not parsed within 0.3 s of CPU time"),
    "spin_in_c": ("parse_timeout", "not parsed within 0.3 s of CPU time"),
    "sleep": ("parse_timeout", "not parsed within 2 s, most of them spent waiting"),
    "allocate": ("parse_memory", f"not parsed within {200 * MIB} bytes of memory"),
    "segfault": ("parse_error", "the parser's process ended by SIGSEGV"),
    "abort": ("parse_error", "the parser's process ended by SIGABRT"),
    "exit": ("parse_error", "the parser's process ended with exit status 3"),
}


def document(text: str, uri: str = "a.txt") -> Document:
    return Document(text, "0" * 32, uri, 0, len(text), "text/plain", "utf-8")


def page(number: int) -> Document:
    return document(PAGE.format(town=f"Ort{number}"), f"{number:03}.txt")


def parsed(documents: Iterable[Document], orders: Orders = ORDERS) -> list[Record | Refusal]:
    return [found for _, found in parse_apart(documents, orders)]


@pytest.fixture(autouse=True)
def _left_clean() -> Iterator[None]:
    yield
    sandbox._end_all()


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "sandbox_child" in " ".join(child.cmdline())]


def gone(process: psutil.Process) -> bool:
    try:
        process.wait(10)
    except psutil.TimeoutExpired:
        return False
    return True


def test_of_many_documents_only_the_bad_ones_are_lost() -> None:
    documents = [page(number) for number in range(200)]
    bad = {7 + 20 * index: defect for index, defect in enumerate(EXPECTED)}
    bad |= {8: "segfault"}  # right behind another one
    mixed = [document(f"!{bad[i]}", d.source_uri) if i in bad else d for i, d in enumerate(documents)]
    found = list(parse_apart(mixed, ORDERS))
    assert [d for d, _ in found] == mixed
    for i, (good, (_, result)) in enumerate(zip(documents, found, strict=True)):
        assert result == (Refusal(*EXPECTED[bad[i]]) if i in bad else parse(good, ()))


def test_what_a_parser_prints_or_reads_disturbs_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    before, printing, behind = parsed([page(1), document("!print"), page(2)])
    assert (before, behind) == (parse(page(1), ()), parse(page(2), ()))
    assert printing == parse(document("!print"), ())
    out, err = capfd.readouterr()
    assert (out, "stray" in err) == ("", True)


def test_an_exception_costs_its_document_and_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    found = parsed([page(2), page(3), page(4)], replace(ORDERS, parser="tests.parsers:fails_on_one"))
    assert found[1] == Refusal("parse_error", "ZeroDivisionError: no such thing")
    assert [type(result) for result in found] == [Record, Refusal, Record]
    [said] = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert said.startswith("parser failed on 003.txt\nTraceback")
    assert "parsers.py" in said


def test_a_document_that_succeeds_alone_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEST_MARK", str(tmp_path / "mark"))
    odd = document("!succeed_alone", "odd.txt")
    assert parsed([page(1), odd, page(2)]) == [parse(d, ()) for d in (page(1), odd, page(2))]
    assert "odd.txt: not parsed within 0.3 s of CPU time; trying it once more, alone" in caplog.text


def test_cpu_time_is_counted_for_each_document() -> None:
    """Together these take several times the limit."""
    documents = [document(PAGE.format(town="Ort") * 100)] * 30
    start = time.process_time()
    expected = parse(documents[0], ())
    limit = 5 * (time.process_time() - start)
    assert parsed(documents, replace(ORDERS, cpu_seconds=limit)) == [expected] * 30


def test_documents_and_answers_larger_than_any_pipe_pass() -> None:
    texts = [str(number) * (3 * MIB if number % 3 else 3) for number in range(20)]
    found = parsed(map(document, texts), replace(ORDERS, parser="tests.parsers:echoes"))
    assert [result.message for result in found if isinstance(result, Refusal)] == texts


def test_the_child_is_used_again_and_ends_with_its_settings() -> None:
    parsed([page(1)])
    [first] = children()
    parsed([page(2)])
    assert children() == [first]
    parsed([page(3)], replace(ORDERS, cpu_seconds=1))
    [second] = children()
    assert second != first


def test_a_child_that_died_meanwhile_is_replaced() -> None:
    parsed([page(1)])
    [child] = children()
    child.kill()
    assert parsed([page(2)]) == [parse(page(2), ())]


def test_who_stops_half_way_leaves_no_answers_to_the_next() -> None:
    half = parse_apart([page(n) for n in range(9)], ORDERS)
    assert next(half)[1] == parse(page(0), ())
    del half
    assert parsed([page(5)]) == [parse(page(5), ())]


def test_a_parser_that_cannot_be_imported_is_no_fault_of_documents() -> None:
    with pytest.raises(ParserNotStarted, match="No module named 'nowhere'"):
        parsed([page(1)], replace(ORDERS, parser="nowhere:parse"))


def test_code_exchanged_under_a_worker_parses_nothing() -> None:
    with pytest.raises(ParserNotStarted, match=r"this worker began with 0\.0\.1"):
        parsed([page(1)], replace(ORDERS, version="0.0.1"))


def test_a_child_that_is_stopped_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_GRACE_SECONDS", 6)  # a busy machine takes seconds to start the next one
    parsed([page(1)])
    [child] = children()
    child.suspend()
    assert parsed([page(2)]) == [parse(page(2), ())]
    assert gone(child)


def test_memory_is_watched_where_the_system_does_not_limit_it() -> None:
    code = "import threading, tests.parsers; from etl.engines.sandbox_child import watch_memory; "
    code += f"threading.Thread(target=watch_memory, args=({100 * MIB},), daemon=True).start(); "
    code += "tests.parsers.DEFECTS['allocate']()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == MEMORY_STATUS


def _in_daemon(results: "multiprocessing.SimpleQueue[list[Record | Refusal]]") -> None:
    results.put(parsed([page(1), document("!spin"), page(2)]))
    os._exit(0)


def test_a_daemonic_worker_forked_from_a_parent_with_a_child_has_its_own() -> None:
    parsed([page(0)])
    [ours] = children()
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    worker = context.Process(target=_in_daemon, args=(results,), daemon=True)
    worker.start()
    first, spun, last = results.get()
    worker.join()
    assert (first, last) == (parse(page(1), ()), parse(page(2), ()))
    assert spun == Refusal(*EXPECTED["spin"])
    assert children() == [ours]
    assert parsed([page(3)]) == [parse(page(3), ())]
    assert children() == [ours]


@pytest.mark.parametrize("text", ["!sleep", ""])
def test_a_parent_that_is_killed_leaves_no_child(text: str) -> None:
    """Neither one at rest nor one at work, which ends at its limits."""
    code = "from tests.engines.test_sandbox import *; "
    code += f"parsed([page(1)]); print(children()[0].pid, flush=True); parsed([document({text!r})]); time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.2)
        parent.send_signal(signal.SIGKILL)
    assert gone(child)
