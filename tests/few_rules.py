"""Suites of a few rules, for tests of other things: Great Expectations takes a fiftieth of a second a rule and day."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.validate import suites

_KEPT = {
    "articles": {
        "row_count",
        "required_filled",
        "article_id_unique",
        "too_few_words",
        "headline_present",
        "headline_length",
    },
    "related_items": {"row_count", "has_article", "positions_complete"},
    "agencies": {"row_count", "has_article", "positions_complete", "agency_code_registered"},
    "day": {"rejected_share"},
}


@pytest.fixture(scope="module")
def few_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a few of the project's rules those that count where no setting names others; gives their folder."""
    folder = tmp_path_factory.mktemp("few_rules")
    whole = suites.suites_folder(None)
    for name, kept in _KEPT.items():
        suite = json.loads((whole / f"{name}.json").read_text(encoding="utf-8"))
        suite["expectations"] = [entry for entry in suite["expectations"] if entry["meta"]["rule"] in kept]
        assert len(suite["expectations"]) == len(kept)
        (folder / f"{name}.json").write_text(json.dumps(suite), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suites, "suites_folder", lambda setting: setting or folder)
        yield folder
