"""`news-etl report`: what it writes, what it says, and what it does where there is nothing to show."""

import json
import re
import shutil
from pathlib import Path

import pytest

from etl.workspace import write_json
from tests.conftest import NewsEtl, write_pages

pytestmark = pytest.mark.usefixtures("few_rules")


def test_pages_of_changed_days_and_the_corpus(tmp_path: Path, news_etl: NewsEtl) -> None:
    landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
    where = ("--landing", landing, "--warehouse", warehouse)
    write_pages(landing / "2026-05-04" / "bote", 3)
    assert news_etl("run", "--date", "2026-05-04", *where).returncode == 0
    index, day = warehouse / "_reports" / "index.html", warehouse / "_reports" / "days" / "2026-05-04.html"
    assert news_etl("report", *where).stdout == f"{index} and 1 page of days\n"
    assert day.is_file()
    assert news_etl("report", *where).stdout == f"{index}\n"

    write_pages(landing / "2026-05-04" / "bote", 1, "Dorf")
    answer = news_etl("report", "--json", *where)
    assert json.loads(answer.stdout) == {"corpus": str(index), "days": [str(day)]}
    assert "Published, but stale: since it was built, 1 file came" in day.read_text(encoding="utf-8")
    assert news_etl("run", "--date", "2026-05-04", *where).returncode == 0
    assert news_etl("report", "--date", "2026-05-04", "--warehouse-only", *where).returncode == 0
    assert "4 articles from 1 source" in day.read_text(encoding="utf-8")

    never = news_etl("report", "--date", "2026-05-05", *where)
    assert never.returncode == 1
    assert "knows of no run of day 2026-05-05; run it with `news-etl run --date 2026-05-05`" in never.stderr
    assert news_etl("report", "--from", "2026-05-01", "--to", "2026-05-31", *where).returncode == 0


def test_the_page_of_a_day_follows_the_days_that_it_is_shown_beside(tmp_path: Path, news_etl: NewsEtl) -> None:
    landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
    where = ("--landing", landing, "--warehouse", warehouse)
    for day in ("2026-05-04", "2026-05-05"):
        write_pages(landing / day / "bote", 3)
    assert news_etl("run", *where).returncode == 0
    assert news_etl("report", *where).returncode == 0
    page = warehouse / "_reports" / "days" / "2026-05-05.html"
    assert "the days before it usually have 3" in page.read_text(encoding="utf-8")
    write_pages(landing / "2026-05-04" / "bote", 7)
    assert news_etl("run", "--date", "2026-05-04", *where).returncode == 0
    assert "2 pages of days" in news_etl("report", *where).stdout
    assert "the days before it usually have 7" in page.read_text(encoding="utf-8")


def test_a_day_that_a_rule_has_blocked(tmp_path: Path, news_etl: NewsEtl, few_rules: Path) -> None:
    landing, suites = tmp_path / "landing", tmp_path / "suites"
    write_pages(landing / "2026-05-04" / "bote", 3)
    shutil.copytree(few_rules, suites)
    suite = json.loads((suites / "articles.json").read_text(encoding="utf-8"))
    (rule,) = (rule for rule in suite["expectations"] if rule["meta"]["rule"] == "too_few_words")
    rule["kwargs"] |= {"min_value": 5000, "mostly": 0.99}
    rule["meta"]["tolerated_rows"] = 0
    (suites / "articles.json").write_text(json.dumps(suite), encoding="utf-8")
    (tmp_path / "news-etl.toml").write_text('landing = "landing"\nwarehouse = "warehouse"\nsuites = "suites"\n')
    assert news_etl("run", "--date", "2026-05-04").returncode == 1
    assert news_etl("report").returncode == 0
    page = (tmp_path / "warehouse" / "_reports" / "days" / "2026-05-04.html").read_text(encoding="utf-8")
    assert "nothing of the day is in the tables" in page
    assert "run the day again" in page  # the end of a long message
    row = '<th scope="row" class="rule">articles.<wbr>too_<wbr>few_<wbr>words</th><td>quarantine, exceeded</td>'
    assert f'{row}<td class="n">3</td>' in page
    assert "word_count = " in page
    docs = re.search(r'href="(\.\./\.\./_docs/[^"]+)"', page)
    assert docs
    assert (tmp_path / "warehouse" / "_reports" / "days" / docs[1]).resolve().is_file()
    corpus = (tmp_path / "warehouse" / "_reports" / "index.html").read_text(encoding="utf-8")
    assert "0 days of 1 passed all rules. Of the others: 1 blocked." in corpus


def test_a_landing_zone_that_is_away_does_not_keep_pages_from_being_written(tmp_path: Path, news_etl: NewsEtl) -> None:
    warehouse = tmp_path / "warehouse"
    write_json(warehouse / "_runs" / "2026-05-04.0001" / "outcome.json", {"outcome": "failed", "message": "no space"})
    answer = news_etl("report", "--landing", tmp_path / "nowhere", "--warehouse", warehouse)
    assert answer.returncode == 0
    assert "not compared with the landing zone" in answer.stderr
    page = (warehouse / "_reports" / "index.html").read_text(encoding="utf-8")
    assert "Nothing is published yet." in page
    assert "1 failed" in page
    day = (warehouse / "_reports" / "days" / "2026-05-04.html").read_text(encoding="utf-8")
    assert "nothing of the day is in the tables" in day
    assert "no space" in day


def test_an_empty_warehouse_has_a_page_that_says_how_to_begin(tmp_path: Path, news_etl: NewsEtl) -> None:
    (tmp_path / "warehouse").mkdir()
    answer = news_etl("report", "--warehouse-only", "--warehouse", tmp_path / "warehouse")
    assert answer.returncode == 0
    page = Path(answer.stdout.strip()).read_text(encoding="utf-8")
    assert "No day was ever run." in page
    assert "news-etl run --date YYYY-MM-DD" in page


def test_a_warehouse_that_is_not_there_is_refused(tmp_path: Path, news_etl: NewsEtl) -> None:
    answer = news_etl("report", "--warehouse-only", "--warehouse", tmp_path / "typo")
    assert answer.returncode == 1
    assert f"there is no warehouse `{tmp_path / 'typo'}`" in answer.stderr
    assert not (tmp_path / "typo").exists()


def test_days_and_corpus_only_exclude_each_other(tmp_path: Path, news_etl: NewsEtl) -> None:
    answer = news_etl("report", "--corpus-only", "--date", "2026-05-04", "--warehouse", tmp_path)
    assert answer.returncode == 2
    assert "leave --date" in answer.stderr
