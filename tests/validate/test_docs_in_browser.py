"""Data Docs in Chromium, on a desk, on a phone, in the dark; screenshots are left in `.local/screenshots`."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from etl.validate.day import validate_day
from etl.validate.history import docs_folder
from tests.validate.synthetic import make_run, sound_day
from tools.airflow_home import LOCAL

pytestmark = pytest.mark.e2e

VIEWS = {"desk": (1280, 900, "light"), "dark": (1280, 900, "dark"), "phone": (360, 740, "light")}
PAGES = {"index": "index.html", "results": "validations/articles/*/*/*.html", "rules": "expectations/articles.html"}


def requests_of(page: Page) -> list[str]:
    """Addresses that the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_pages_fit_their_screen_load_nothing_and_hide_nothing(tmp_path: Path, browser: Browser) -> None:
    run = make_run(tmp_path)
    staged = sound_day(20)
    staged.articles[3]["headline"] = "x" * 400
    staged.write(run)
    validate_day(run)
    docs = docs_folder(tmp_path / "warehouse", run["run_id"])
    folder = Path(LOCAL) / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    for label, (width, height, scheme) in VIEWS.items():
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        for name, pattern in PAGES.items():
            page = context.new_page()
            asked = requests_of(page)
            [file] = docs.glob(pattern)
            page.goto(file.as_uri())
            page.screenshot(path=folder / f"docs-{name}-{label}.png", full_page=True)
            assert asked == [file.as_uri()]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, label)
            rows = page.locator("tbody tr")
            assert rows.count() > (1 if name == "rules" else 20)
            assert all(row.is_visible() for row in rows.all())
