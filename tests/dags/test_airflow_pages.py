"""Reports and Data Docs inside Airflow: who may see them, what is served, what is not. In a browser: `tests/e2e`."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from airflow import plugins_manager
from airflow.api_fastapi.app import create_app, get_auth_manager, purge_cached_app
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.dagrun import DagRun
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.types import DagRunType
from fastapi.testclient import TestClient

from etl.airflow_pages import day_of
from etl.airflow_plugin import NewsCorpusPlugin

DAY = "2026-05-04"
RUNS: dict[str, tuple[str | None, dict[str, str | None] | None]] = {
    "backfill__2026-05-04T00:00:00+00:00": (DAY, None),
    "manual+a:b": (None, {"day": DAY}),
    "manual-without-a-day": (None, {"day": None}),
    "another-day": ("2026-05-05", None),
}


@pytest.fixture(scope="module")
def server() -> Iterator[TestClient]:
    """Airflow's API server in this process, on a fresh database, with our plugin."""
    initdb()
    with create_session() as session:
        for run_id, (key, conf) in RUNS.items():
            run = DagRun("news_corpus", run_id, run_type=DagRunType.MANUAL, conf=conf, partition_key=key)
            session.add(run)
        for dag_id in ("other", "news_corpus_report"):
            session.add(DagRun(dag_id, f"{dag_id}-run", run_type=DagRunType.MANUAL, partition_key=DAY))
    # Known to this process whether or not the project is installed with its entry points.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "long enough for the algorithm" * 3)
        patch.setattr(plugins_manager, "_get_plugins", lambda: ([NewsCorpusPlugin()], {}))
        plugins_manager.get_fastapi_plugins.cache_clear()
        yield TestClient(create_app(apps="core"), base_url="http://airflow.test")
    plugins_manager.get_fastapi_plugins.cache_clear()
    purge_cached_app()


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEWS_ETL_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("NEWS_ETL_WAREHOUSE", str(tmp_path / "warehouse"))
    (tmp_path / "warehouse").mkdir()
    return tmp_path / "warehouse"


@pytest.fixture
def viewer(server: TestClient, warehouse: Path) -> Iterator[TestClient]:
    """Signed in with the fewest rights that show a DAG, as the user interface signs in: by cookie."""
    assert warehouse.is_dir()
    server.cookies["_token"] = token("viewer")
    yield server
    server.cookies.clear()


def token(role: str | None) -> str:
    return get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="u", role=role))


def put(path: Path, content: bytes = b"<p>x</p>") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


PATHS = ["", "run?dag_id=news_corpus&run_id=another-day", "_reports/index.html", "_docs/r/index.html", "nowhere"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_session_nothing_is_told(server: TestClient, warehouse: Path, path: str) -> None:
    put(warehouse / "_reports" / "index.html", b"secret")
    answer = server.get(f"/news-corpus/{path}", follow_redirects=False)
    assert answer.status_code == 401
    assert "secret" not in answer.text
    # Whoever signs in comes back to what was asked for.
    assert f'/auth/login?next={quote(f"/news-corpus/{path}", safe="")}"' in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_a_session_without_the_right_to_see_the_dag(server: TestClient, warehouse: Path, path: str) -> None:
    put(warehouse / "_reports" / "index.html", b"secret")
    for headers in ({"Authorization": f"Bearer {token(None)}"}, {"Cookie": f"_token={token(None)}"}):
        answer = server.get(f"/news-corpus/{path}", headers=headers, follow_redirects=False)
        assert answer.status_code == 403
        assert "secret" not in answer.text


@pytest.mark.parametrize("name", ["Authorization", "Cookie"])
def test_a_token_that_airflow_did_not_make(server: TestClient, warehouse: Path, name: str) -> None:
    put(warehouse / "_reports" / "index.html")
    bad = token("admin")[:-6] + "AAAAAA"
    value = f"Bearer {bad}" if name == "Authorization" else f"_token={bad}"
    assert server.get("/news-corpus/_reports/index.html", headers={name: value}).status_code in (401, 403)


def test_pages_by_bearer_token(server: TestClient, warehouse: Path) -> None:
    put(warehouse / "_reports" / "index.html", b"the corpus")
    answer = server.get("/news-corpus/", headers={"Authorization": f"Bearer {token('viewer')}"})
    assert (answer.status_code, answer.text) == (200, "the corpus")


def test_before_the_first_report(viewer: TestClient) -> None:
    answer = viewer.get("/news-corpus/")
    assert answer.status_code == 200
    assert "No report yet" in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "_reports/index.html",
        "_reports/days/2026-05-04.html",
        "_docs/2026-05-04.0001/index.html",
        "_docs/2026-05-04.0001/validations/articles/articles/2026-05-04.0001/a-b.html",
    ],
)
def test_pages_with_their_content_type(viewer: TestClient, warehouse: Path, name: str) -> None:
    put(warehouse / name, b"ok")
    answer = viewer.get(f"/news-corpus/{name}")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    again = viewer.get(f"/news-corpus/{name}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_folder_shows_its_index(viewer: TestClient, warehouse: Path) -> None:
    put(warehouse / "_docs" / "2026-05-04.0001" / "index.html", b"docs")
    assert viewer.get("/news-corpus/_docs/2026-05-04.0001/").text == "docs"


@pytest.mark.parametrize(
    "path",
    [
        "_reports/%2e%2e/secret.html",
        "_reports/..%2fsecret.html",
        "_reports/days/..%2F..%2Fsecret.html",
        "_reports/%2Fetc%2Fhostname.txt",
        "_reports/%00.html",
        "_reports/link.html",
        "_reports/" + 300 * "a" + ".html",
        "_reports/unreadable.html",
        "_reports/statistics/a.parquet",
        "_reports/due.json",
        "_reports/notified/a.json",
        "_reports/.hidden.html",
        "_reports/.old/index.html",
        "_reports/.old/",
        "_docs/r/a.svg",
        "_reports/index.html.tmp",
        "_reports/days/2026-05-05.html",
        "_runs/secret.html",
        "current/secret.html",
        "secret.html",
    ],
)
def test_nothing_else_is_served(viewer: TestClient, warehouse: Path, path: str) -> None:
    reports = warehouse / "_reports"
    put(warehouse / "secret.html", b"secret")
    put(warehouse / "_runs" / "secret.html", b"secret")
    put(warehouse / "_docs" / "r" / "a.svg", b"secret")
    for name in ("due.json", "notified/a.json", ".hidden.html", ".old/index.html"):
        put(reports / name, b"secret")
    put(reports / "statistics" / "a.parquet", b"secret")
    put(reports / "index.html.tmp", b"secret")
    (reports / "link.html").symlink_to(warehouse / "secret.html")
    (reports / "unreadable.html").mkdir()
    answer = viewer.get(f"/news-corpus/{path}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_it_is_read_only(viewer: TestClient, warehouse: Path) -> None:
    put(warehouse / "_reports" / "index.html", b"x")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert viewer.request(method, "/news-corpus/_reports/index.html").status_code == 405


@pytest.mark.parametrize("path", ["", "_reports/index.html", "nowhere"])
def test_headers_let_nothing_run_and_nobody_else_show_it(viewer: TestClient, warehouse: Path, path: str) -> None:
    put(warehouse / "_reports" / "index.html")
    for answer in (viewer.get(f"/news-corpus/{path}"), viewer.head(f"/news-corpus/{path}")):
        policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert "script-src" not in policy
        assert policy["frame-ancestors"] == "'self'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize("run_id", [run for run, (key, conf) in RUNS.items() if DAY in (key, (conf or {}).get("day"))])
def test_the_tab_of_a_run_leads_to_its_day(viewer: TestClient, warehouse: Path, run_id: str) -> None:
    where = {"dag_id": "news_corpus", "run_id": run_id}
    assert f"No report of {DAY} yet" in viewer.get("/news-corpus/run", params=where).text
    put(warehouse / "_reports" / "days" / f"{DAY}.html", b"the day")
    answer = viewer.get("/news-corpus/run", params=where)
    assert answer.text == "the day"
    # Links of the page (`../index.html`) must lead on from here.
    assert answer.url.path == f"/news-corpus/_reports/days/{DAY}.html"


def test_the_tab_of_runs_without_a_day(viewer: TestClient) -> None:
    for dag_id, run_id in (("news_corpus", "manual-without-a-day"), ("other", "other-run")):
        answer = viewer.get("/news-corpus/run", params={"dag_id": dag_id, "run_id": run_id})
        assert answer.status_code == 200
        assert "not about one landing day" in answer.text
    assert viewer.get("/news-corpus/run", params={"dag_id": "news_corpus", "run_id": "<b>"}).status_code == 404
    assert viewer.get("/news-corpus/run").status_code == 404


def test_only_days_are_taken_for_days() -> None:
    assert day_of("2026-05-04", {"day": "2026-05-05"}) == "2026-05-04"
    unusable: list[Any] = [{}, {"day": 7}, {"day": "../../secret"}, {"day": "2026-05-04\n"}, {"day": "٢٠٢٦-٠٥-٠٤"}]
    for conf in (None, [], *unusable):
        assert day_of(None, conf) is None


def test_an_api_server_without_settings(viewer: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWS_ETL_WAREHOUSE")
    answer = viewer.get("/news-corpus/")
    assert answer.status_code == 503
    assert "NEWS_ETL_WAREHOUSE" in answer.text


def test_where_airflow_shows_them(viewer: TestClient) -> None:
    headers = {"Authorization": f"Bearer {token('admin')}"}
    found = viewer.get("/api/v2/plugins", headers=headers).json()["plugins"]
    views = {view["destination"]: view for plugin in found for view in plugin["external_views"]}
    assert views["nav"]["href"] == "news-corpus/"
    assert views["dag_run"]["href"] == "news-corpus/run?dag_id={DAG_ID}&run_id={RUN_ID}"
    assert re.fullmatch(r"data:image/svg\+xml,[\w%./-]+", views["nav"]["icon"])


def test_the_scheduler_imports_nothing_heavy_for_it() -> None:
    heavy = {"fastapi", "great_expectations", "pandas", "pyarrow", "starlette"}
    code = f"import etl.airflow_plugin, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "[]"
