"""The pages in Chromium: on a desk, on a phone, in the dark; screenshots are left in `.local/screenshots`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.report.conftest import BLOCKED, PUBLISHED, Written
from tools.airflow_home import LOCAL

pytestmark = pytest.mark.e2e

DESK, PHONE = (1280, 900), (360, 740)
VIEWS = {"desk": (DESK, "light"), "dark": (DESK, "dark"), "phone": (PHONE, "light"), "phone-dark": (PHONE, "dark")}
PAGES = {"corpus": "index.html", "day": f"days/{PUBLISHED}.html", "blocked": f"days/{BLOCKED}.html"}


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[str, Page]]:
    (width, height), scheme = VIEWS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    yield request.param, page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_screen_loads_nothing_and_has_nothing_to_complain_of(
    view: tuple[str, Page], name: str, written: Written
) -> None:
    label, page = view
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    address = (written.folder / PAGES[name]).as_uri()
    page.goto(address)
    folder = Path(LOCAL) / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"report-{name}-{label}.png", full_page=True)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asked == [address]
    assert said == []


def test_no_name_in_a_plot_leaves_its_card(view: tuple[str, Page], written: Written) -> None:
    _, page = view
    page.goto((written.folder / "index.html").as_uri())
    out = """[...document.querySelectorAll('figure')].flatMap(card => {
        const box = card.getBoundingClientRect();
        return [...card.querySelectorAll('svg text')].filter(text => {
            const own = text.getBoundingClientRect();
            return own.width && (own.left < box.left || own.right > box.right);
        }).map(text => text.textContent)
    })"""
    assert page.evaluate(out) == []


def test_of_the_two_drawings_of_a_plot_one_is_shown(view: tuple[str, Page], written: Written) -> None:
    label, page = view
    page.goto((written.folder / "index.html").as_uri())
    figures = page.locator("figure").all()
    shown = [sum(svg.is_visible() for svg in figure.locator("svg").all()) for figure in figures]
    assert set(shown) == {1}
    assert page.locator("svg.broad").first.is_visible() == (label in ("desk", "dark"))


def test_the_scheme_of_the_system_decides_about_light_and_dark(view: tuple[str, Page], written: Written) -> None:
    label, page = view
    page.goto((written.folder / "index.html").as_uri())
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    bar = page.evaluate("getComputedStyle(document.querySelector('path.f-s1')).fill")
    assert (paper, bar) == (
        ("rgb(20, 24, 28)", "rgb(111, 171, 214)") if "dark" in label else ("rgb(251, 250, 247)", "rgb(45, 106, 148)")
    )


def test_everything_can_be_reached_and_opened_by_keyboard(browser: Browser, written: Written) -> None:
    page = browser.new_page()
    page.goto((written.folder / "index.html").as_uri())
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None
    page.reload()
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    reachable = page.locator("a[href], summary, [tabindex='0']").count()
    page.evaluate(
        "window.reached = new Set(); document.addEventListener('focusin', event => window.reached.add(event.target))"
    )
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(reachable):
        page.keyboard.press("Tab")
    assert page.evaluate("window.reached.size") == reachable
    page.close()


def test_the_calendar_leads_to_the_day_and_the_day_back(browser: Browser, written: Written) -> None:
    page = browser.new_page()
    page.goto((written.folder / "index.html").as_uri())
    page.get_by_role("link", name="5 May 2026: blocked, 5 articles").click()
    assert "The newest run was blocked" in page.locator(".lede").inner_text()
    page.get_by_role("link", name="The corpus").click()
    assert page.locator("h1").inner_text() == "News corpus"
    page.close()


def test_plots_are_named_for_those_who_do_not_see_them(browser: Browser, written: Written) -> None:
    page = browser.new_page()
    page.goto((written.folder / "index.html").as_uri())
    names = [image.get_attribute("aria-label") for image in page.get_by_role("img").all()]
    assert "2 sources; the largest, bote, holds 85%." in names
    assert all(names)
    page.close()
