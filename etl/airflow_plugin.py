"""The plugin that shows reports and Data Docs inside Airflow: an entry of the navigation, a tab on each run.

Light on purpose: scheduler and workers load plugins too. The pages themselves are in `etl/airflow_pages.py`, which only
the API server imports, on the first request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from airflow.plugins_manager import AirflowPlugin

from etl.airflow import PAGES_PREFIX

# An image does not take on the colour of the text beside it: this grey shows on light and on dark.
_ICON = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#7c8aa5" stroke-width="2"'
    ' stroke-linejoin="round" stroke-linecap="round"><path d="M4 4h13v14a2 2 0 0 0 3 0V9h-3M4 4v14a2 2 0 0 0 2 2h12"/>'
    '<path d="M8 8h5M8 12h5M8 16h5"/></svg>'
)


async def pages(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """The ASGI application below `PAGES_PREFIX`."""
    from etl.airflow_pages import application  # noqa: PLC0415 - see the head of this module

    await application()(scope, receive, send)


_APP = {"app": pages, "url_prefix": f"/{PAGES_PREFIX}", "name": "News corpus"}
# Links are relative, so that they hold where Airflow itself lies below a path.
_CORPUS = {
    "name": "News corpus",
    "href": f"{PAGES_PREFIX}/",
    "destination": "nav",
    "nav_top_level": True,
    "url_route": PAGES_PREFIX,
    "icon": _ICON,
}
_DAY = {
    "name": "Report of the day",
    "href": f"{PAGES_PREFIX}/run?dag_id={{DAG_ID}}&run_id={{RUN_ID}}",
    "destination": "dag_run",
    "url_route": f"{PAGES_PREFIX}-day",
    "icon": _ICON,
}


class NewsCorpusPlugin(AirflowPlugin):
    """Registered as an entry point of this package: wherever it is installed beside Airflow, the pages are there."""

    name = "news_corpus"
    fastapi_apps: list[Any] = [_APP]  # noqa: RUF012 - Airflow declares these as variables
    external_views: list[Any] = [_CORPUS, _DAY]  # noqa: RUF012
