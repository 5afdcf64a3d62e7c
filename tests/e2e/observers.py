"""What Airflow tells of itself is sent to these: mocks of an OpenLineage collector and of a StatsD server."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MockCollector(ThreadingHTTPServer):
    """Keeps every OpenLineage event that is posted to `/api/v1/lineage`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keep)
        self.events: list[dict[str, Any]] = []

    @property
    def transport(self) -> str:
        """Airflow's setting `[openlineage] transport`."""
        return json.dumps({"type": "http", "url": f"http://127.0.0.1:{self.server_port}", "endpoint": "api/v1/lineage"})


class _Keep(BaseHTTPRequestHandler):
    server: MockCollector

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/api/v1/lineage"
        self.server.events.append(json.loads(content))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Do not fill the log of the tests."""


class MockStatsd:
    """Keeps every metric that is sent to its port, e.g. `airflow.ti_successes,dag_id=news_corpus:1|c`."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.lines: list[str] = []

    def serve(self) -> None:
        while data := self._socket.recv(65536):
            self.lines += data.decode().splitlines()

    def stop(self) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))

    def close(self) -> None:
        self._socket.close()

    def counted(self, name: str) -> dict[str, int]:
        """Sums of a counter by its tags as they were sent."""
        sums: dict[str, int] = {}
        for line in self.lines:
            stat, _, value = line.rpartition(":")
            of, _, tags = stat.partition(",")
            if of == name and value.endswith("|c"):
                sums[tags] = sums.get(tags, 0) + int(value.removesuffix("|c"))
        return sums


@contextmanager
def mock_collector() -> Iterator[MockCollector]:
    with MockCollector() as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            collector.shutdown()
            thread.join()


@contextmanager
def mock_statsd() -> Iterator[MockStatsd]:
    with closing(MockStatsd()) as server:
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            server.stop()
            thread.join()
