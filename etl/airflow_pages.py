"""Reports and Data Docs of the warehouse over HTTP, for those whom Airflow lets see the DAG; read only.

Runs inside Airflow's API server, below `/news-corpus` (`etl/airflow_plugin.py`). Who may see a page is decided by
Airflow's own authentication: its session cookie or bearer token, and the right to read the DAG `news_corpus`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import cache
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import requires_access_dag
from airflow.models.dagrun import DagRun
from fastapi import Depends, FastAPI, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from etl.airflow import DAG_ID
from etl.errors import SettingsInvalid
from etl.settings import load_settings

OUR_DAGS = (DAG_ID, "news_corpus_report")
"""Those whose runs are about a landing day; a partition key of another one may look like a day, and is none of ours."""

HEADERS = {
    # Pages quote articles, which are anybody's text: nothing in them may run, load from elsewhere or send anything.
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Browsers may keep a page, but have to ask each time whether it is still the same, and whether they may see it.
    "Cache-Control": "private, no-cache",
}

TREES = ("_reports", "_docs")
"""Folders of the warehouse of which pages are served, and only these: each is whole in itself."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 40rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.4rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{paragraphs}
</main>
</body>
</html>
"""

_MAY_SEE = requires_access_dag("GET", param_dag_id=DAG_ID)
_MAY_SEE_RUN = requires_access_dag("GET", DagAccessEntity.RUN)


@cache
def application() -> FastAPI:
    """The application, one per process. Every path asks for authentication, those that lead nowhere too."""
    app = FastAPI(
        title="News corpus", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(_MAY_SEE)]
    )
    app.add_exception_handler(HTTPException, _refusal)
    app.add_exception_handler(SettingsInvalid, _no_settings)
    app.middleware("http")(_with_headers)
    methods = ["GET", "HEAD"]
    app.add_api_route("/", corpus, methods=methods, response_model=None)
    app.add_api_route("/run", report_of_run, methods=methods, response_model=None, dependencies=[Depends(_MAY_SEE_RUN)])
    app.add_api_route("/{tree}/{path:path}", file, methods=methods, response_model=None)
    app.add_api_route("/{path:path}", nothing, methods=methods, response_model=None)
    return app


def corpus() -> Response:
    """Lead to the page of the corpus, or say that there is none yet."""
    if (_warehouse() / "_reports" / "index.html").is_file():
        return RedirectResponse("_reports/index.html", status.HTTP_303_SEE_OTHER)
    return page(
        "No report yet",
        f"The first run of <code>{DAG_ID}</code> writes it. Start one: open the DAG, then <em>Trigger</em>.",
    )


def report_of_run(session: SessionDep, dag_id: str = "", run_id: str = "") -> Response:
    """Lead to the page of the landing day that a run is for, or say why there is none."""
    run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
    if run is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    day = day_of(run.partition_key, run.conf) if dag_id in OUR_DAGS else None
    to_corpus = '<a href="./">Report of the corpus</a>.'
    if day is None:
        return page("This run is not about one landing day", to_corpus)
    address = f"days/{day}.html"
    if (_warehouse() / "_reports" / address).is_file():
        return RedirectResponse(f"_reports/{address}", status.HTTP_303_SEE_OTHER)
    return page(
        f"No report of {day} yet",
        f"It is written at the end of a run of <code>{DAG_ID}</code>; this one is in state <em>{run.state}</em>.",
        to_corpus,
    )


def day_of(partition_key: str | None, conf: Any) -> str | None:
    """The landing day of a run: its partition key, else its parameter `day`; None where neither is a day."""
    given = partition_key or (conf.get("day") if isinstance(conf, dict) else None)
    return given if isinstance(given, str) and _DAY.fullmatch(given) else None


async def file(tree: str, path: str, request: Request) -> Response:
    """A page of the reports or of the Data Docs; of a folder its `index.html`."""
    if not path or path.endswith("/"):
        path += "index.html"
    place = PurePosixPath(path)
    # Other files are what is kept for the next report; names that begin with a dot are half-written.
    if tree not in TREES or place.suffix != ".html" or any(part.startswith(".") for part in place.parts):
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    # It follows no way out of the folder, be it dots or links, and answers `not modified`.
    files = StaticFiles(directory=_warehouse() / tree, check_dir=False)
    try:
        response = await files.get_response(path, request.scope)
    except (HTTPException, OSError):
        # Not there, or not readable, which it would call a matter of authentication.
        raise HTTPException(status.HTTP_404_NOT_FOUND) from None
    if response.status_code == status.HTTP_200_OK:
        response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


def nothing() -> Response:
    """Answer all other paths, so that these ask for authentication too."""
    raise HTTPException(status.HTTP_404_NOT_FOUND)


def page(title: str, *paragraphs: str, code: int = status.HTTP_200_OK) -> HTMLResponse:
    """A page of a few sentences; `title` is text, `paragraphs` are HTML."""
    text = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return HTMLResponse(_PAGE.format(title=escape(title), paragraphs=text), code)


def _warehouse() -> Path:
    """Read anew for each request: cheap, and a corrected settings file needs no restart."""
    return load_settings(absolute_only=True).warehouse


def _refusal(request: Request, refused: Exception) -> Response:
    code = refused.status_code if isinstance(refused, HTTPException) else status.HTTP_500_INTERNAL_SERVER_ERROR
    if code == status.HTTP_401_UNAUTHORIZED:
        query = f"?{request.url.query}" if request.url.query else ""
        login = get_auth_manager().get_url_login(next_url=request.url.path + query)
        return page("You are not signed in", f'<a href="{escape(login)}">Sign in to Airflow</a>.', code=code)
    if code == status.HTTP_403_FORBIDDEN:
        return page(
            "You may not see this page", f"It is for those who may read the DAG <code>{DAG_ID}</code>.", code=code
        )
    if code == status.HTTP_404_NOT_FOUND:
        return page(
            "There is no such page", "A report may not be written yet, and old Data Docs are removed.", code=code
        )
    return page(str(getattr(refused, "detail", refused)), code=code)


def _no_settings(_request: Request, error: Exception) -> Response:
    return page(
        "The API server does not know where the warehouse is",
        escape(str(error)),
        "It needs the same settings as the workers.",
        code=status.HTTP_503_SERVICE_UNAVAILABLE,
    )


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response
