"""Listing and reading small objects of a store: a loop over its client, and the landing zone's own way.

Run with `python -m benchmarks.stores [--objects N] [--latency MS]`; prints one line of JSON. The store is moto's server
in a process of its own, a mock of S3; `--latency` is how long it waits before each answer, as a network makes it.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from typing import Any

import fsspec

from etl.extract.landing import open_landing
from etl.settings import Settings

DAY = "2015-10-21"
BUCKET = "news"
SOURCES = 8
ACCOUNT = "123456789012"


def serve(objects: int, size: int, latency: float, address: Connection) -> None:
    """Serve a bucket with a day of objects until the process is ended."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from moto.s3.models import s3_backends  # noqa: PLC0415 - only the server's process pays for it
    from werkzeug.serving import make_server  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = s3_backends[ACCOUNT]["aws"]
    store.create_bucket(BUCKET, "us-east-1")
    for number in range(objects):
        store.put_object(BUCKET, f"{DAY}/{number % SOURCES}/{number:06}.txt", b"x" * size)
    application = DomainDispatcherApplication(create_backend_app)

    def slow(environ: dict[str, Any], respond: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(latency)
        answer: Iterable[bytes] = application(environ, respond)
        return answer

    server = make_server("127.0.0.1", 0, slow, threaded=True)
    address.send(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


def by_loop(options: dict[str, Any]) -> tuple[float, float, int]:
    """Seconds of listing, seconds of reading, bytes: one request after the other."""
    store = fsspec.filesystem("s3", **options, use_listings_cache=False, skip_instance_cache=True)
    began = time.perf_counter()
    names = store.find(f"{BUCKET}/{DAY}")
    listed = time.perf_counter()
    read = sum(len(store.cat_file(name)) for name in names)
    return listed - began, time.perf_counter() - listed, read


def by_landing(options: dict[str, Any]) -> tuple[float, float, int]:
    """The same through `etl.extract.landing`."""
    landing = open_landing(Settings(landing=f"s3://{BUCKET}", landing_options=options))
    began = time.perf_counter()
    files = landing.list_day(DAY)
    listed = time.perf_counter()
    read = sum(len(stream.read()) for _, stream in landing.fetched(files) if not isinstance(stream, OSError))
    return listed - began, time.perf_counter() - listed, read


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--size", type=int, default=4000, help="bytes of each object")
    parser.add_argument("--latency", type=float, default=20.0, help="milliseconds before each answer")
    given = parser.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=serve, args=(given.objects, given.size, given.latency / 1000, there), daemon=True)
    server.start()
    options = {"endpoint_url": here.recv()}
    shown: dict[str, Any] = vars(given)
    for name, measure in (("loop", by_loop), ("landing", by_landing)):
        listing, reading, read = measure(options)
        if read != given.objects * given.size:
            message = f"{name} read {read} bytes"
            raise SystemExit(message)
        shown |= {f"{name}_listing_s": round(listing, 2), f"{name}_reading_s": round(reading, 2)}
    print(json.dumps(shown))
    server.terminate()


if __name__ == "__main__":
    main()
