"""The command line, as its users meet it."""

import gzip
import json
from pathlib import Path

import pytest

from tests.conftest import NewsEtl, write_pages

pytestmark = pytest.mark.usefixtures("few_rules")


@pytest.mark.parametrize("command", ["run", "parse", "status", "snapshot", "rejects", "replay", "rules"])
def test_every_command_explains_itself(news_etl: NewsEtl, command: str) -> None:
    shown = news_etl(command, "--help")
    assert shown.returncode == 0
    assert "Usage" in shown.stdout
    assert command in news_etl("--help").stdout


def test_run_then_ask(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    place = ("--warehouse", tmp_path / "warehouse")
    first = news_etl("run", "--landing", landing, *place)
    assert first.returncode == 0, first.stderr
    assert "2026-05-04 published as snapshot 1: 8 articles" in first.stdout
    assert "2026-05-05 published as snapshot 2: 5 articles" in first.stdout
    assert str(tmp_path / "warehouse") in first.stderr

    second = news_etl("run", "--landing", landing, *place, "--json")
    lines = [json.loads(line) for line in second.stdout.splitlines()]
    assert [(line["day"], line["outcome"], line["message"].partition(":")[0]) for line in lines] == [
        ("2026-05-04", "unchanged", "unchanged, snapshot 2 kept"),
        ("2026-05-05", "unchanged", "unchanged, snapshot 2 kept"),
    ]
    assert lines[0]["seconds"].keys() == {"plan"}
    forced = news_etl("run", "--landing", landing, *place, "--json", "--force", "--date", "2026-05-04")
    (line,) = [json.loads(line) for line in forced.stdout.splitlines()]
    assert line["message"] == "unchanged, snapshot 2 kept"
    assert {"extract", "transform", "validate", "load"} <= line["seconds"].keys()

    states = json.loads(news_etl("status", *place, "--json").stdout)
    assert [(s["day"], s["state"], s["rows"]["articles"]) for s in states] == [
        ("2026-05-04", "published", 8),
        ("2026-05-05", "published", 5),
    ]
    heading, *lines = news_etl("status", *place).stdout.splitlines()
    assert max(map(len, (heading, *lines))) <= 80
    assert [line.split()[:4] for line in lines] == [
        ["2026-05-04", "published", "2026-05-04.0003", "8"],
        ["2026-05-05", "published", "2026-05-05.0002", "5"],
    ]

    folder = Path(news_etl("snapshot", *place).stdout.strip())
    assert folder.name == "000002"
    assert len(list(folder.glob("articles/**/*.parquet"))) == 2

    found = [json.loads(line) for line in news_etl("rejects", *place, "--json").stdout.splitlines()]
    assert {(r["source_uri"], r["code"]) for r in found} == {
        ("2026-05-04/empty.txt", "empty"),
        ("2026-05-04/picture.txt", "binary"),
    }
    assert "2026-05-04/empty.txt" in news_etl("rejects", *place, "--list", "--code", "empty").stdout
    assert "picture" not in news_etl("rejects", *place, "--list", "--code", "empty").stdout
    heading, *lines = news_etl("rejects", *place).stdout.splitlines()
    assert heading.split() == ["code", "rows", "meaning", "remedy"]
    assert [line.split()[:2] for line in lines] == [["binary", "1"], ["empty", "1"]]
    assert "no rejects" in news_etl("rejects", *place, "--date", "2026-05-05").stdout
    assert "without --run" in news_etl("rejects", *place, "--run", "2026-05-04.0001").stderr


def test_rejects_are_counted_by_source_day_and_code(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    (landing / "2026-05-05" / "bote" / "void.txt").write_bytes(b"")
    (landing / "2026-05-05" / "bote" / "all.zip").write_bytes(b"PK\x03\x04 and no more")
    place = ("--warehouse", tmp_path / "warehouse")
    assert news_etl("run", "--landing", landing, *place).returncode == 0

    by_day = news_etl("rejects", *place, "--by", "day", "--json").stdout.splitlines()
    assert [json.loads(line) for line in by_day] == [{"day": "2026-05-04", "rows": 2}, {"day": "2026-05-05", "rows": 2}]
    heading, *lines = news_etl(
        "rejects", *place, "--by", "source", "--by", "code", "--by", "source"
    ).stdout.splitlines()
    assert heading.split() == ["source", "code", "rows"]
    assert [line.split() for line in lines] == [
        ["binary", "1"],  # files that lie in no source's folder
        ["empty", "1"],
        ["bote", "empty", "1"],
        ["bote", "truncated_container", "1"],
    ]
    only = news_etl("rejects", *place, "--by", "source", "--code", "empty", "--date", "2026-05-05").stdout
    assert [line.split() for line in only.splitlines()] == [["source", "rows"], ["bote", "1"]]
    refused = news_etl("rejects", *place, "--by", "source", "--list")
    assert refused.returncode == 2
    assert "--by" in refused.stderr


def test_a_folder_is_a_day(tmp_path: Path, news_etl: NewsEtl) -> None:
    write_pages(tmp_path / "clippings", 3)
    ran = news_etl("run", tmp_path / "clippings", "--date", "2026-05-04", "--warehouse", tmp_path / "w")
    assert ran.returncode == 0, ran.stderr
    assert "3 articles" in ran.stdout
    unsaid = news_etl("run", tmp_path / "clippings", "--warehouse", tmp_path / "w")
    assert unsaid.returncode == 2
    assert "--date" in unsaid.stderr


def test_a_day_without_files_is_empty_and_a_missing_landing_zone_a_failure(
    landing: Path, tmp_path: Path, news_etl: NewsEtl
) -> None:
    place = ("--warehouse", tmp_path / "w")
    empty = news_etl("run", "--landing", landing, "--date", "2026-06-01", *place, "--json")
    assert json.loads(empty.stdout)["outcome"] == "empty"
    assert [s["state"] for s in json.loads(news_etl("status", *place, "--warehouse-only", "--json").stdout)] == [
        "empty"
    ]

    landing.rename(tmp_path / "moved")
    gone = news_etl("run", "--landing", landing, "--date", "2026-05-04", *place)
    assert gone.returncode == 1
    assert "LandingUnavailable" in gone.stderr
    assert str(landing) in gone.stderr


def test_a_shrunken_day_needs_force(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    arguments = ("run", "--landing", landing, "--date", "2026-05-04", "--warehouse", tmp_path / "w")
    assert news_etl(*arguments).returncode == 0
    for file in list((landing / "2026-05-04" / "bote").iterdir())[1:]:
        file.unlink()
    refused = news_etl(*arguments)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    state = json.loads(news_etl("status", "--warehouse", tmp_path / "w", "--json").stdout)[0]
    assert (state["state"], state["rows"]["articles"]) == ("blocked", 8)
    assert "--force" in state["reason"]
    assert news_etl(*arguments, "--force").returncode == 0
    state = json.loads(news_etl("status", "--warehouse", tmp_path / "w", "--json").stdout)[0]
    assert (state["state"], state["rows"]["articles"]) == ("published", 1)


def test_parse_prints_a_line_per_file(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    page = landing / "2026-05-04" / "bote" / "Ort-000.txt"
    packed = tmp_path / "page.txt.gz"
    packed.write_bytes(gzip.compress(page.read_bytes()))
    shown = news_etl("parse", page, packed, landing / "2026-05-04" / "empty.txt", "--url", "https://bote.example/a")
    assert shown.returncode == 0, shown.stderr
    one, two, three = [json.loads(line) for line in shown.stdout.splitlines()]
    assert one["article"]["headline"] == "Stadtrat von Ort0 beschließt neue Brücke über den Fluss"
    assert one["article"]["source"] == "bote.example"
    assert [(a["agency_code"], a["position"]) for a in one["agencies"]] == [("apa", 1), ("dpa", 2)]
    assert one["article"]["article_id"] == two["article"]["article_id"]
    assert three["reject"]["code"] == "empty"
    assert "ingest_date" not in one["article"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--date", "2026-13-01"), ("2026-13-01", "YYYY-MM-DD")),
        (("run", "--from", "2026-05-04"), ("--to",)),
        (("run", "--from", "2026-05-04", "--to", "2026-05-01"), ("lies before",)),
        (("run", "--landing", ".", "--workers", "-1"), ("workers",)),
        (("run", "--config", "none.toml"), ("none.toml", "does not exist")),
        (("parse", "none.txt"), ("none.txt",)),
        (("parse", "--collected-at", "noon", __file__), ("noon", "ISO 8601")),
        (("snapshot",), ("warehouse",)),
        (("rejects", "--code", "emtpy"), ("emtpy", "undecodable")),
        (("run", ".", "--date", "2026-05-04"), ("--warehouse",)),
    ],
)
def test_mistakes_are_told(news_etl: NewsEtl, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    shown = news_etl(*arguments)
    assert shown.returncode in (1, 2)
    said = " ".join(shown.stderr.replace("│", " ").split())
    for word in words:
        assert word in said
    assert "Traceback" not in shown.stderr


def test_unknown_setting_in_the_environment_is_refused(news_etl_process: NewsEtl) -> None:
    shown = news_etl_process("status", NEWS_ETL_WAREHOSE="x")
    assert shown.returncode == 2
    assert "warehose" in shown.stderr


def test_the_installed_command_is_quick_to_explain_itself(news_etl_process: NewsEtl) -> None:
    shown = news_etl_process("--help", PYTHONPROFILEIMPORTTIME="1")
    assert "parse" in shown.stdout
    assert not {"pyarrow", "pandas", "great_expectations", "airflow"} & {
        line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()
    }


def test_verbose_shows_the_stages_and_no_library(news_etl_process: NewsEtl, landing: Path) -> None:
    shown = news_etl_process("-v", "run", "--landing", landing, "--date", "2026-05-05", COLUMNS="200")
    assert "2026-05-05.0001: 5 files in 1 batches" in shown.stderr
    assert "INFO" not in "".join(line for line in shown.stderr.splitlines() if "2026-05-05.0001" not in line)


def test_output_is_utf8_in_any_locale(news_etl_process: NewsEtl, landing: Path) -> None:
    page = landing / "2026-05-04" / "bote" / "Ort-000.txt"
    shown = news_etl_process("parse", page, LC_ALL="C", PYTHONIOENCODING="")
    assert json.loads(shown.stdout)["article"]["headline"].endswith("Brücke über den Fluss")
