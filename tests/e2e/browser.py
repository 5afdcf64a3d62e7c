"""What Airflow's user interface needs to be told by, in the browser of `tests.browsers`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.airflows import Airflow
from tools.airflow_home import LOCAL

SHOTS = Path(os.environ.get("E2E_SHOTS") or LOCAL / "e2e")
"""Screenshots are kept here."""

DESK, PHONE = (1400, 900), (390, 844)
PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine."""
expect.set_options(timeout=PATIENCE)


@contextmanager
def window(
    browser: Browser,
    airflow: Airflow,
    size: tuple[int, int] = DESK,
    scheme: Literal["light", "dark"] = "light",
    session: BrowserContext | None = None,
) -> Iterator[Page]:
    """A window of its own, signed in if `session` is."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        base_url=airflow.url,
        storage_state=session.storage_state() if session else None,
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


def sign_in(page: Page, password: str) -> None:
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()


def open_trigger(page: Page) -> Locator:
    """Open the dialog that starts runs of the DAG `news_corpus`."""
    page.goto("/dags/news_corpus")
    page.get_by_role("button", name="Trigger").click()
    # A hidden popover has the role of a dialog too.
    dialog = page.locator("[role=dialog][data-scope=dialog]")
    expect(dialog).to_be_visible()
    return dialog


def backfill(page: Page, first: str, last: str, days: int) -> None:
    """Backfill through the dialog, up to the click."""
    dialog = open_trigger(page)
    dialog.get_by_text("Backfill", exact=True).first.click()
    for number, day in enumerate((first, last)):
        dialog.get_by_test_id("datetime-input").nth(number).click()
        picker = page.locator("[data-scope=popover][data-part=content][data-state=open]")
        picker.get_by_placeholder("YYYY/MM/DD").fill(day.replace("-", "/"))
        picker.get_by_placeholder("HH:mm").fill("00:00")
        page.keyboard.press("Tab")
        dialog.get_by_role("heading").first.click()  # closes the picker
    expect(dialog.get_by_text(f"{days} runs will be triggered")).to_be_visible()
    dialog.locator("input[name=max_active_runs]").fill(str(days))
    shoot(page, "02-backfill-dialog")
    dialog.get_by_role("button", name="Run Backfill").click()


def trigger_day(page: Page, day: str) -> str:
    """Trigger one landing day by the form of parameters; gives the id of the run, whose page is open then."""
    dialog = open_trigger(page)
    dialog.locator("input[name=element_day]").fill(day)
    shoot(page, f"10-form-{day}")
    dialog.get_by_role("button", name="Trigger").click()
    page.wait_for_url("**/dags/news_corpus/runs/manual__*")
    return unquote(page.url.rpartition("/runs/")[2].partition("/")[0])


def clear_run(page: Page) -> None:
    """Clear all tasks of the run whose page is open."""
    page.get_by_role("button", name="Press shift+c to clear").click()
    dialog = page.locator("[role=dialog][data-scope=dialog]")
    expect(dialog).to_be_visible()
    shoot(page, "12-clear-dialog")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog).not_to_be_visible()


def unfolded(page: Page) -> Locator:
    """The JSON that the open page shows folded, all of it."""
    folded = page.locator(".monaco-editor .codicon-folding-collapsed")
    expect(folded).to_have_count(1)
    folded.click()
    expect(page.locator(".monaco-editor")).to_contain_text('"rows"')
    folded.click()
    return page.locator(".monaco-editor .view-lines")
