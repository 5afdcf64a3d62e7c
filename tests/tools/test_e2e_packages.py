"""What `make e2e` does about programs that the machine lacks."""

import os
from pathlib import Path

import pytest

from tools import e2e_packages

FAKE = """#!/bin/sh
echo "$@" >> {folder}/asked
test -x {folder}/policy && echo "services stay down" >> {folder}/asked
test "$1" = install && {install} {folder}/browser
exit 0
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has a queue and lacks a browser."""
    (tmp_path / "queue").touch()
    programs = {"some-browser": (str(tmp_path), "browser"), "some-queue": (str(tmp_path), "queue")}
    monkeypatch.setattr(e2e_packages, "PROGRAMS", programs)
    monkeypatch.setattr(e2e_packages, "NO_SERVICES", tmp_path / "policy")
    monkeypatch.setattr(e2e_packages, "LOG", tmp_path / "log")
    return tmp_path


def apt_get(machine: Path, monkeypatch: pytest.MonkeyPatch, *, install: str) -> None:
    program = machine / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(FAKE.format(folder=machine, install=install))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_nothing_is_done_where_all_is_there(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (machine / "browser").touch()
    assert e2e_packages.main() == 0
    assert capsys.readouterr() == ("", "")


def test_others_than_root_are_told_what_to_install(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert machine.is_dir()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert e2e_packages.main() == 1
    said = capsys.readouterr().err
    assert "missing: some-browser\n" in said
    assert "sudo apt-get install --yes --no-install-recommends some-browser" in said


def test_root_installs_what_is_missing_and_starts_no_services(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    apt_get(machine, monkeypatch, install="touch")
    assert e2e_packages.main() == 0
    command = "install --yes --no-install-recommends some-browser"
    assert (machine / "asked").read_text().splitlines() == [
        "update",
        "services stay down",
        command,
        "services stay down",
    ]
    assert not (machine / "policy").exists()


def test_an_installation_that_fails_says_so(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    apt_get(machine, monkeypatch, install="ls")
    assert e2e_packages.main() == 1
    said = capsys.readouterr().err
    assert "some-browser could not be installed" in said
    assert "No such file" in said
    assert not (machine / "policy").exists()
