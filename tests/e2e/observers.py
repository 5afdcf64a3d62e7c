"""Mocks of what Airflow tells of itself to: collectors of OpenLineage and OpenTelemetry, a StatsD server."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest


class MockCollector(ThreadingHTTPServer):
    """Keeps what is posted to it: events of OpenLineage, metrics of OpenTelemetry."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keep)
        self.posted: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """Those of OpenLineage."""
        return [json.loads(content) for path, content in self.posted if path == "/api/v1/lineage"]

    def counted(self, name: str) -> dict[str, int]:
        """Sums of a counter of OpenTelemetry by its tags."""
        latest: dict[tuple[int, str], int] = {}
        for content in [content for path, content in self.posted if path == "/v1/metrics"]:
            request = ExportMetricsServiceRequest.FromString(content)
            scopes = [scope for resource in request.resource_metrics for scope in resource.scope_metrics]
            for metric in (metric for scope in scopes for metric in scope.metrics if metric.name == name):
                for point in metric.sum.data_points:
                    tags = ",".join(sorted(f"{tag.key}={tag.value.string_value}" for tag in point.attributes))
                    # Each process counts from its own start, and says its sum again and again.
                    latest[point.start_time_unix_nano, tags] = int(point.as_int or point.as_double)
        sums: dict[str, int] = {}
        for (_, tags), value in latest.items():
            sums[tags] = sums.get(tags, 0) + value
        return sums


class _Keep(BaseHTTPRequestHandler):
    server: MockCollector

    def do_POST(self) -> None:
        self.server.posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
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
