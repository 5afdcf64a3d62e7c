"""What a data engineer does in Airflow's user interface, from signing in to mending a blocked day, in a browser."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from etl.warehouse import open_warehouse
from tests.e2e.airflows import Airflow
from tests.e2e.browser import (
    DESK,
    PHONE,
    backfill,
    clear_run,
    shoot,
    sign_in,
    trigger_day,
    unfolded,
    window,
)
from tests.e2e.standalone.conftest import ONE_DAY, ONE_DAYS_PAGES, PAGES

pytestmark = pytest.mark.e2e

FIRST, LAST = min(PAGES), max(PAGES)
Record = Callable[[str, object], None]


@dataclass(frozen=True)
class Desk:
    """A window that has signed in, as all tests of this module use it one after the other."""

    browser: Browser
    airflow: Airflow
    page: Page
    runs: dict[str, str]
    """Ids of the backfilled runs by day."""

    def open_run(self, day: str, tab: str = "") -> None:
        self.page.goto(f"/dags/news_corpus/runs/{quote(self.runs[day], safe='')}{tab}")


@pytest.fixture(scope="module")
def signed_in(browser: Browser, airflow: Airflow) -> Iterator[Page]:
    """Sent to the login page, refused with a wrong password, let in with the one that `make up` has printed."""
    with window(browser, airflow) as page:
        page.goto("/dags/news_corpus")
        page.wait_for_url("**/auth/login?next=*")
        sign_in(page, "wrong")
        expect(page.get_by_text("Invalid credentials")).to_be_visible()
        shoot(page, "00-sign-in-refused")
        sign_in(page, airflow.password)
        page.wait_for_url("**/dags/news_corpus")
        yield page


@pytest.fixture(scope="module")
def desk(
    signed_in: Page,
    browser: Browser,
    airflow: Airflow,
    record_testsuite_property: Record,
    request: pytest.FixtureRequest,
) -> Desk:
    """Three days backfilled through the dialog."""
    # Switched on, and nothing has started by itself.
    assert airflow.rest("GET", "/api/v2/dags/news_corpus")["is_paused"] is False
    assert airflow.runs() == []
    shoot(signed_in, "01-dag")
    backfill(signed_in, FIRST, LAST, len(PAGES))
    clicked = time.monotonic()
    runs = airflow.wait_for(len(PAGES))
    seconds = round(time.monotonic() - clicked, 1)
    record_testsuite_property("seconds from click to green", seconds)
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print(f"\nthree days backfilled through the dialog: {seconds} s from click to green")  # noqa: T201 - a figure for the log
    assert {run["partition_key"]: run["state"] for run in runs} == dict.fromkeys(PAGES, "success")
    return Desk(browser, airflow, signed_in, {run["partition_key"]: run["dag_run_id"] for run in runs})


def test_the_backfilled_runs_are_green(desk: Desk) -> None:
    desk.page.goto("/dags/news_corpus/runs")
    for run_id in desk.runs.values():
        expect(desk.page.get_by_role("row").filter(has_text=run_id)).to_contain_text("Success")
    shoot(desk.page, "03-runs-green")


def test_mapped_tasks_of_a_run(desk: Desk) -> None:
    desk.open_run(LAST, "/tasks/group/each_batch")
    for task in ("each_batch.extract", "each_batch.transform"):
        rows = desk.page.get_by_role("row").filter(has_text=task)
        expect(rows).to_have_count(2)
        for number in range(2):
            expect(rows.filter(has_text=f"batch {number} (3 files)")).to_contain_text("Success")
    shoot(desk.page, "04-mapped-tasks")


def test_the_asset_event_tells_rows_and_links_to_the_report(desk: Desk) -> None:
    desk.open_run(LAST, "/tasks/load/asset_events")
    told = unfolded(desk.page)
    report = f"{desk.airflow.url}/news-corpus/_reports/days/{LAST}.html"
    expect(told).to_contain_text('"outcome": "published"')
    expect(told).to_contain_text(f'"articles": {PAGES[LAST]}')
    expect(told).to_contain_text(f'"agencies": {2 * PAGES[LAST]}')
    expect(told).to_contain_text(report)
    shoot(desk.page, "05-asset-event")
    desk.page.goto(report)
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("6 May 2026")


def test_the_corpus_is_an_entry_of_the_navigation(desk: Desk) -> None:
    desk.page.goto("/")
    desk.page.get_by_role("link", name="News corpus", exact=True).click()
    frame = desk.page.frame_locator('iframe[title="News corpus"]')
    expect(frame.locator("body")).to_contain_text(f"{sum(PAGES.values())} articles from 1 source over 3 days")
    shoot(desk.page, "06-corpus-in-airflow")
    # From day to day inside of the frame; the address of the whole can be sent to somebody.
    frame.locator(f'a[href="days/{FIRST}.html"]').first.click()
    expect(frame.get_by_role("heading", level=1)).to_contain_text("4 May 2026")
    desk.page.wait_for_url(f"**/days/{FIRST}.html")
    desk.page.reload()
    expect(frame.get_by_role("heading", level=1)).to_contain_text("4 May 2026")


def test_the_day_is_a_tab_of_its_run(desk: Desk) -> None:
    desk.open_run(LAST)
    desk.page.get_by_role("link", name="Report of the day").click()
    frame = desk.page.frame_locator('iframe[title="Report of the day"]')
    expect(frame.get_by_role("heading", level=1)).to_contain_text("6 May 2026")
    shoot(desk.page, "07-day-in-airflow")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_pages_on_screens(desk: Desk, size: tuple[int, int], scheme: Literal["light", "dark"]) -> None:
    with window(desk.browser, desk.airflow, size, scheme, desk.page.context) as page:
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        for name, path in (("corpus", "index.html"), ("day", f"days/{LAST}.html")):
            page.goto(f"/news-corpus/_reports/{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            shoot(page, f"08-{name}-{size[0]}-{scheme}", whole=True)
        # Nothing that the pages need is kept from them by our headers.
        assert refused == []


def test_the_corpus_in_a_dark_airflow(desk: Desk) -> None:
    with window(desk.browser, desk.airflow, DESK, "dark", desk.page.context) as page:
        page.goto("/plugin/news-corpus")
        frame = page.frame_locator('iframe[title="News corpus"]')
        expect(frame.get_by_role("heading", level=1)).to_be_visible()
        shoot(page, "08-corpus-in-airflow-dark")


def test_data_docs(desk: Desk) -> None:
    with window(desk.browser, desk.airflow, session=desk.page.context) as page:
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(f"/news-corpus/_reports/days/{LAST}.html")
        page.get_by_role("link", name="Data Docs").first.click()
        page.wait_for_url(f"**/news-corpus/_docs/{LAST}.0001/index.html")
        expect(page.locator("body")).to_contain_text("articles")
        assert page.get_by_role("row").count() > 30  # a row for each rule
        shoot(page, "09-data-docs", whole=True)
        assert refused == []


def test_one_day_by_the_form(desk: Desk) -> None:
    run_id = trigger_day(desk.page, ONE_DAY)
    assert desk.airflow.end_of(run_id) == "success"
    (run,) = [run for run in desk.airflow.runs() if run["dag_run_id"] == run_id]
    assert (run["partition_key"], run["conf"]["day"]) == (None, ONE_DAY)
    desk.page.get_by_role("link", name="Report of the day").click()
    frame = desk.page.frame_locator('iframe[title="Report of the day"]')
    expect(frame.get_by_role("heading", level=1)).to_contain_text("7 May 2026")
    expect(frame.locator("body")).to_contain_text(f"{ONE_DAYS_PAGES} articles")


def test_a_blocked_day_says_why_and_recovers_when_it_is_mended(desk: Desk, tmp_path: Path) -> None:
    # Most of the files of a published day are gone.
    folder = desk.airflow.root / "landing" / LAST / "bote"
    gone = sorted(folder.iterdir())[2:]
    for file in gone:
        file.rename(tmp_path / file.name)
    run_id = trigger_day(desk.page, LAST)
    assert desk.airflow.end_of(run_id) == "failed"
    reason = f"day {LAST} now has 2 documents (2 files), published are {PAGES[LAST]}"
    desk.page.goto(f"/dags/news_corpus/runs/{run_id}/tasks/load")
    expect(desk.page.locator("body")).to_contain_text(reason)
    expect(desk.page.locator("body")).to_contain_text("run it again with `--force` (Airflow: param `force`)")
    shoot(desk.page, "11-blocked-log")
    desk.page.goto(f"/dags/news_corpus/runs/{run_id}/plugin/news-corpus-day")
    frame = desk.page.frame_locator('iframe[title="Report of the day"]')
    expect(frame.locator("body")).to_contain_text("blocked")
    expect(frame.locator("body")).to_contain_text(reason)
    shoot(desk.page, "12-blocked-day")

    # The files are back; the run is cleared, as the documentation of the DAG says.
    for file in gone:
        (tmp_path / file.name).rename(file)
    clear_run(desk.page)
    assert desk.airflow.end_of(run_id) == "success"
    desk.page.reload()
    expect(frame.get_by_role("heading", level=1)).to_contain_text("6 May 2026")
    expect(frame.locator("body")).not_to_contain_text("blocked")
    shoot(desk.page, "13-mended-day")
    assert open_warehouse(desk.airflow.warehouse).read("articles", day=LAST).num_rows == PAGES[LAST]


@pytest.mark.parametrize("path", ["", "_reports/index.html", f"_reports/days/{LAST}.html", "_docs/", "nowhere"])
def test_without_a_session_our_pages_are_refused(desk: Desk, path: str) -> None:
    with window(desk.browser, desk.airflow) as page:
        answer = page.goto(f"/news-corpus/{path}")
        assert answer is not None
        assert answer.status == 401
        expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
        shoot(page, "14-not-signed-in")
        # One click and the password lead back to the page asked for.
        page.get_by_role("link", name="Sign in to Airflow").click()
        expect(page.locator("input[name=password]")).to_be_visible()


@pytest.mark.parametrize("path", ["_reports/../../../a.html", "_reports/%2e%2e/%2e%2e/a.html", "_reports//etc/a.txt"])
def test_paths_that_no_browser_would_send(airflow: Airflow, path: str) -> None:
    assert airflow.status(f"/news-corpus/{path}", token="") == 401
    assert airflow.status(f"/news-corpus/{path}", airflow.token[:-6] + "AAAAAA") == 403
    assert airflow.status(f"/news-corpus/{path}", airflow.token) == 404
