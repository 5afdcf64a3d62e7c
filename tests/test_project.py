"""The project's frame: lock file, Makefile, generated pages, links, and what a wheel holds."""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from etl.documentation import PAGES

PROJECT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
_GROUPS = PYPROJECT["dependency-groups"]
_EXTRAS = PYPROJECT["project"]["optional-dependencies"]
DIRECT = {
    "requirements.lock": [*PYPROJECT["project"]["dependencies"], *_GROUPS["dev"]],
    "benchmarks/requirements.lock": [*_GROUPS["peers"], *_GROUPS["train"]],
    "deploy/requirements.lock": [
        *PYPROJECT["project"]["dependencies"],
        *_GROUPS["build"],
        *(text for extra in ("celery", "fab", "metrics", "openlineage", "postgres", "s3") for text in _EXTRAS[extra]),
    ],
    "deploy/tools.lock": _GROUPS["deploy-tools"],
}
"""What each lock file must hold."""
LOCKS = {name: (PROJECT / name).read_text(encoding="utf-8") for name in DIRECT}
PAGES_OF_TEXT = [PROJECT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES_OF_TEXT += sorted((PROJECT / "docs").rglob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    assert (PROJECT / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs` and commit the page"


def locked(lock: str) -> list[Requirement]:
    return [Requirement(line.rstrip(" \\")) for line in LOCKS[lock].splitlines() if re.match(r"[A-Za-z0-9]", line)]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_file_names_no_address(lock: str) -> None:
    assert not re.search(r"://|^-|^\s+--(?!hash=)| @ ", LOCKS[lock], re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_has_a_hash(lock: str) -> None:
    for entry in re.split(r"\n(?=[A-Za-z0-9])", LOCKS[lock]):
        assert re.match(r"[A-Za-z0-9._\[\]-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_file_fits_the_project_on_each_python(python: str, lock: str) -> None:
    place = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": "linux"}
    here = [entry for entry in locked(lock) if entry.marker is None or entry.marker.evaluate(place)]
    assert max(Counter(entry.name for entry in here).values()) == 1
    pins = {canonicalize_name(entry.name): next(iter(entry.specifier)).version for entry in here}
    for wanted in map(Requirement, DIRECT[lock]):
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), f"{wanted}: run `make lock`"


def targets() -> dict[str, str]:
    """The Makefile's targets and what `make help` says of each."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9_-]+):[^=\n]*?(?:## *(.*))?$", makefile, re.MULTILINE))


def test_make_help_explains_every_target() -> None:
    said = subprocess.run(["make", "--no-print-directory"], cwd=PROJECT, capture_output=True, text=True, check=True)
    for name, explanation in targets().items():
        assert explanation, f"target `{name}` has no explanation"
        assert re.search(rf"^ *make {name} +{re.escape(explanation)}$", said.stdout, re.MULTILINE)


def test_every_file_that_the_makefile_runs_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    files = re.findall(r"\b(?:tools|benchmarks)/[a-z_/]+\.\w+", makefile)
    assert files
    assert [name for name in files if not (PROJECT / name).exists()] == []


def test_every_make_target_that_is_spoken_of_exists() -> None:
    texts = [page.read_text(encoding="utf-8") for page in PAGES_OF_TEXT]
    spoken = {name for text in texts for names in re.findall(r"`make ([a-z0-9 -]+)", text) for name in names.split()}
    spoken |= set(re.findall(r"^step ([\w-]+)", (PROJECT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test", "check", "docs", "check-deploy"} <= spoken
    assert spoken <= targets().keys()


def test_every_phony_target_has_a_recipe_and_every_target_is_phony() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert sorted(phony.split()) == sorted(targets())


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES_OF_TEXT, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_every_decision_is_listed() -> None:
    folder = PROJECT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(folder.glob("[0-9]*.md"))
    assert records
    for number, record in enumerate(records, start=1):
        assert record.name.startswith(f"{number:04d}-")
        title = record.read_text(encoding="utf-8").splitlines()[0].removeprefix(f"# {number:04d} ")
        assert f"[{number:04d}]({record.name}) | {title} |" in index


def test_a_wheel_holds_code_suites_and_word_lists_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("news_corpus_etl-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"etl/{path.relative_to(PROJECT).as_posix()}" for path in (PROJECT / "expectations").glob("*.json")}
    data = (PROJECT / "etl" / "transform" / "data").rglob("*")
    wanted |= {path.relative_to(PROJECT).as_posix() for path in data if path.is_file()}
    wanted |= {"etl/py.typed", "etl/cli.py"}
    assert wanted <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"etl"}
