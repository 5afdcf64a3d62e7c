import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from etl.errors import SettingsInvalid
from etl.settings import DATA_SETTINGS, Settings, load_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with nothing in it."""
    working = tmp_path / "working"
    working.mkdir()
    monkeypatch.chdir(working)
    return working


def toml(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_lie_in_the_working_folder(folder: Path) -> None:
    settings = load_settings(environ={})
    assert settings.landing == folder / "landing"
    assert settings.warehouse == folder / "warehouse"
    assert settings.day_folder == "%Y-%m-%d"


def test_flags_win_over_environment_over_file_over_defaults(folder: Path) -> None:
    file = toml(folder, "batch_bytes = 1\nbatch_documents = 1\nworkers = 1")
    environ = {"NEWS_ETL_CONFIG": str(file), "NEWS_ETL_BATCH_BYTES": "2", "NEWS_ETL_BATCH_DOCUMENTS": "2"}
    settings = load_settings({"batch_bytes": 3, "keep_docs": None}, environ=environ)
    assert (settings.batch_bytes, settings.batch_documents, settings.workers) == (3, 2, 1)
    assert settings.keep_docs == 100


def test_the_named_file_wins_over_the_variable_over_the_default_file(folder: Path, tmp_path: Path) -> None:
    default = toml(folder, "workers = 1")
    by_variable = toml(tmp_path / "variable", "workers = 2")
    by_flag = toml(tmp_path / "flag", "workers = 3")
    variable = {"NEWS_ETL_CONFIG": str(by_variable)}
    assert load_settings(environ={}, default_config=default).workers == 1
    assert load_settings(environ=variable, default_config=default).workers == 2
    assert load_settings(environ=variable, default_config=default, config=by_flag).workers == 3


def test_a_default_file_may_be_missing_and_a_named_one_may_not(folder: Path) -> None:
    assert load_settings(environ={}, default_config=folder / "none.toml").workers == 0
    with pytest.raises(SettingsInvalid, match=r"`none.toml` does not exist; create it"):
        load_settings(environ={}, config=Path("none.toml"))
    with pytest.raises(SettingsInvalid, match=r"NEWS_ETL_CONFIG"):
        load_settings(environ={"NEWS_ETL_CONFIG": "none.toml"})


def test_relative_paths_count_from_the_file_that_names_them(folder: Path, tmp_path: Path) -> None:
    file = toml(tmp_path / "etc", 'landing = "in"\nwarehouse = "/abs/out"\nsuites = "rules"')
    settings = load_settings(environ={}, config=file)
    assert settings.landing == tmp_path / "etc" / "in"
    assert settings.warehouse == Path("/abs/out")
    assert settings.suites == tmp_path / "etc" / "rules"
    assert load_settings(environ={"NEWS_ETL_LANDING": "in"}, config=file).landing == folder / "in"
    assert load_settings({"landing": Path("in")}, environ={}, config=file).landing == folder / "in"


def test_the_home_folder_may_be_written_as_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert load_settings(environ={"NEWS_ETL_LANDING": "~/news"}).landing == Path("/home/someone/news")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("batch_size = 5", "unknown setting `batch_size` in file `{file}`; known: landing, landing_options,"),
        ("batch_bytes = 0", "bad value `0` for setting `batch_bytes` in file `{file}`: .*greater than or equal to 1"),
        ('workers = "many"', "bad value `many` for setting `workers` in file `{file}`: .*valid integer"),
        ("keep_hours = nan", "bad value `nan` for setting `keep_hours`"),
        ("landing = 5", "bad value `5` for setting `landing` in file `{file}`"),
        ('landing = ""', "`landing` is empty in file `{file}`; name a folder"),
        ('day_folder = "%Y-%m"', "setting `day_folder` in file `{file}`: .*must name year, month and day"),
        ('day_folder = "../%Y-%m-%d"', "setting `day_folder` in file `{file}`: .*must stay below `landing`"),
        ('closing_time = "25:00"', "setting `closing_time` in file `{file}`"),
        ('[charsets]\ntaz = "latin-99"', "setting `charsets` in .*`latin-99` of source `taz` is not known"),
        ('languages = ["de", "english"]', "bad value `english` for setting `languages` in file `{file}`"),
        ("landing = ", "`{file}` is not valid TOML"),
    ],
)
def test_what_a_file_gets_wrong_is_named_with_its_place(folder: Path, text: str, said: str) -> None:
    file = toml(folder, text)
    with pytest.raises(SettingsInvalid, match=said.replace("{file}", re.escape(str(file)))):
        load_settings(environ={}, config=file)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"NEWS_ETL_BATCHSIZE": "5"}, "unknown setting `batchsize` in the environment"),
        ({"NEWS_ETL_WORKERS": "-1"}, "bad value `-1` for setting `workers` in the environment"),
        ({"NEWS_ETL_WAREHOUSE": ""}, "`warehouse` is empty in the environment"),
        ({"NEWS_ETL_CHARSETS": "taz=cp1252"}, "`NEWS_ETL_CHARSETS` is not valid JSON"),
    ],
)
def test_what_a_variable_gets_wrong_is_named(environ: Mapping[str, str], said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        load_settings(environ=environ)


def test_a_wrong_flag_is_named() -> None:
    with pytest.raises(SettingsInvalid, match="setting `workers` in the command line"):
        load_settings({"workers": -1}, environ={})


def test_tables_and_lists_come_as_json_from_the_environment() -> None:
    environ = {"NEWS_ETL_CHARSETS": '{"taz": "cp1252"}', "NEWS_ETL_LANGUAGES": '["de", "fr"]', "OTHER": "x"}
    settings = load_settings(environ=environ)
    assert settings.charsets == {"taz": "cp1252"}
    assert settings.languages == ("de", "fr")


@pytest.mark.parametrize("day_folder", ["", "%Y/%m/%d", "news/%Y%m%d/raw", "%Y-%j"])
def test_day_folders_that_tell_days_apart_are_taken(day_folder: str) -> None:
    assert load_settings(environ={"NEWS_ETL_DAY_FOLDER": day_folder}).day_folder == day_folder


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "no `landing` is set; under Airflow set NEWS_ETL_LANDING and NEWS_ETL_WAREHOUSE"),
        ({"NEWS_ETL_LANDING": "/in"}, "no `warehouse` is set; under Airflow set NEWS_ETL_WAREHOUSE "),
        ({"NEWS_ETL_LANDING": "in", "NEWS_ETL_WAREHOUSE": "/out"}, "`landing` is `in` .* must be an absolute path"),
    ],
)
def test_under_airflow_paths_must_be_set_and_absolute(environ: Mapping[str, str], said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        load_settings(environ=environ, absolute_only=True)


def test_under_airflow_a_file_must_name_absolute_paths_too(folder: Path) -> None:
    relative = toml(folder, 'landing = "in"\nwarehouse = "/out"')
    with pytest.raises(SettingsInvalid, match="`landing` is `in` in file"):
        load_settings(environ={}, config=relative, absolute_only=True)
    absolute = toml(folder, 'landing = "/in"\nwarehouse = "/out"')
    assert load_settings(environ={}, config=absolute, absolute_only=True).landing == Path("/in")


def test_settings_travel_as_json() -> None:
    environ = {"NEWS_ETL_LANDING": "/in", "NEWS_ETL_LANGUAGES": '["de"]', "NEWS_ETL_SUITES": "/rules"}
    settings = load_settings(environ=environ)
    assert Settings.from_json(settings.to_json()) == settings
    assert settings.to_json()["landing"] == "/in"


@pytest.mark.parametrize(
    "change",
    [
        {"day_folder": "%Y/%m/%d"},
        {"max_document_bytes": 1},
        {"document_cpu_seconds": 1},
        {"document_memory_bytes": 1_000_000},
        {"charsets": {"taz": "cp1252"}},
        {"languages": ("de",)},
    ],
)
def test_the_fingerprint_follows_settings_that_decide_about_data(change: dict[str, Any]) -> None:
    assert change.keys() <= set(DATA_SETTINGS)
    assert Settings(**change).fingerprint() != Settings().fingerprint()


def test_the_fingerprint_ignores_where_and_how_fast() -> None:
    elsewhere = Settings(landing=Path("/x"), warehouse=Path("/y"), batch_bytes=1, batch_documents=1, workers=7)
    assert elsewhere.fingerprint() == Settings().fingerprint()


def test_a_landing_zone_may_be_a_url_and_stays_one(folder: Path) -> None:
    file = toml(folder, 'landing = "S3://bucket/news/"\nwarehouse = "/out"\nlanding_options = {anon = true}')
    settings = load_settings(environ={}, config=file, absolute_only=True)
    assert (settings.landing, settings.landing_options) == ("s3://bucket/news", {"anon": True})
    assert Settings.from_json(settings.to_json()) == settings
    environ = {"NEWS_ETL_LANDING": "gs://b", "NEWS_ETL_LANDING_OPTIONS": '{"token": "anon"}'}
    assert load_settings(environ=environ).landing_options == {"token": "anon"}
    assert load_settings({"landing": "file:///data/in"}, environ={}).landing == Path("/data/in")


@pytest.mark.parametrize(
    ("landing", "said"),
    [
        ("s4://bucket/news", "fsspec knows no scheme `s4`; write e.g. s3://bucket/folder"),
        ("s3://", "names no bucket"),
        ("file://data/in", "three slashes"),
        ("sftp://me:hunter2@host/news", "it holds a password; leave it out"),
    ],
)
def test_urls_that_cannot_be_landing_zones_are_refused(landing: str, said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said) as found:
        load_settings({"landing": landing}, environ={})
    assert "hunter2" not in str(found.value)


@pytest.mark.parametrize(
    "options",
    [
        {"secret": "hunter2"},
        {"key": "hunter2"},
        {"token": "hunter2"},
        {"account_key": "hunter2"},
        {"accountKey": "hunter2"},
        {"connection_string": "hunter2"},
        {"client_kwargs": {"aws_secret_access_key": "hunter2"}},
        {"s3_additional_kwargs": {"SSECustomerKey": "hunter2"}},
        {"storage": [{"password": "hunter2"}]},
    ],
)
def test_secrets_in_the_options_are_refused_and_not_repeated(options: dict[str, object]) -> None:
    environ = {"NEWS_ETL_LANDING": "s3://bucket", "NEWS_ETL_LANDING_OPTIONS": json.dumps(options)}
    with pytest.raises(SettingsInvalid, match=r"looks like a secret.*AWS_ACCESS_KEY_ID.*`landing_connection`") as found:
        load_settings(environ=environ)
    assert "hunter2" not in str(found.value)
