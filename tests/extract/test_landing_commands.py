"""The commands on a landing zone in a bucket of moto's mock of S3."""

from __future__ import annotations

import json
import os

import pytest

from tests.conftest import PAGE, NewsEtl
from tests.replay.inline import InlineEngine
from tests.stores import Store

DAY = "2026-05-04"


def page(town: str) -> bytes:
    return PAGE.replace("\n ", " ").format(town=town).encode()


def test_a_bucket_is_run_replayed_told_of_and_led_back_to(
    s3: Store, news_etl: NewsEtl, news_etl_process: NewsEtl, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        s3.put(f"{DAY}/bote/{number}.txt", page(f"Ort{number}"))
    s3.put(f"{DAY}/bote/long!.txt", page("Stadt") + b"\nNoch ein Satz.\n" * 100)
    monkeypatch.setenv("NEWS_ETL_LANDING_OPTIONS", json.dumps(s3.options))
    environment = {name: value for name, value in os.environ.items() if name.startswith(("NEWS_ETL_", "AWS_"))}

    ran = news_etl_process(  # its workers are processes, each with a client of its own
        "run", "--landing", s3.url, "--json", NEWS_ETL_MAX_DOCUMENT_BYTES="1500", **environment
    )
    published = json.loads(ran.stdout)
    assert (published["rows"]["articles"], published["reject_counts"]) == (4, {"too_large": 1})

    monkeypatch.setenv("NEWS_ETL_LANDING", s3.url)
    monkeypatch.setattr("etl.engines.local.LocalEngine", InlineEngine)
    replayed = json.loads(news_etl("replay", "--code", "too_large", "--json").stdout)
    assert (replayed["action"], replayed["moved"], replayed["rejects_after"]) == ("documents", 1, 0)

    [state] = json.loads(news_etl("status", "--json").stdout)
    assert (state["state"], state["due"]) == ("published", None)
    assert news_etl("raw", f"{DAY}/bote/2.txt").stdout == page("Ort2").decode()
    assert news_etl("raw", rf"{DAY}/bote/long\x21.txt").stdout.startswith(page("Stadt").decode())

    s3.put(f"{DAY}/bote/3.txt", page("Ort9"))
    s3.put("2026-05-05/bote/new.txt", page("Dorf"))
    states = json.loads(news_etl("status", "--json").stdout)
    assert [(state["day"], state["due"]) for state in states] == [(DAY, "stale"), ("2026-05-05", "new")]


def test_a_bucket_that_is_not_there_is_told_with_the_remedy(
    s3: Store, news_etl: NewsEtl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWS_ETL_LANDING_OPTIONS", json.dumps(s3.options))
    shown = news_etl("run", "--landing", "s3://no-such-bucket/news", "--date", DAY)
    assert shown.returncode == 1
    assert "`s3://no-such-bucket/news` is missing or holds nothing; create it or set `landing`" in shown.stderr
