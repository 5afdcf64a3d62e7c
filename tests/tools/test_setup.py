"""`tools/setup.py` in a small checkout of its own, with a pip that only writes down what it is asked to do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

PIP = """
import pathlib, sys
root = pathlib.Path(__file__).resolve().parents[4]
if (root / "broken").exists():
    print("no such package: surprise")
    sys.exit(1)
with (root / "calls").open("a") as calls:
    print(sys.prefix, *sys.argv[1:], file=calls)
(pathlib.Path(sys.prefix) / "installed").touch()
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "check out"  # with a blank, as people have it
    pip = root / "tools" / "bootstrap" / "pip-0-py3-none-any.whl" / "pip"
    pip.mkdir(parents=True)
    (pip / "__main__.py").write_text(PIP, encoding="utf-8")
    shutil.copy(PROJECT / "tools" / "setup.py", root / "tools")
    shutil.copy(PROJECT / "pyproject.toml", root)
    (root / "requirements.lock").write_text("surprise==1\n", encoding="utf-8")
    return root


def set_up(root: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, str(root / "tools" / "setup.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root.parent)


def calls(root: Path) -> list[str]:
    """What pip was asked to do since the last look."""
    log = root / "calls"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


def test_the_first_set_up_installs_lock_and_project_into_the_environment(checkout: Path) -> None:
    done = set_up(checkout)
    assert done.returncode == 0, done.stderr
    assert "making .venv" in done.stdout
    lock, project = calls(checkout)
    assert lock.startswith(f"{checkout}/.venv install ")
    assert f" --require-hashes --requirement {checkout}/requirements.lock " in lock
    assert project.startswith(f"{checkout}/.venv install --no-deps --no-build-isolation --editable {checkout}")


def test_a_second_set_up_has_nothing_to_do_and_says_nothing(checkout: Path) -> None:
    set_up(checkout)
    calls(checkout)
    again = set_up(checkout)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert calls(checkout) == []


def test_a_changed_lock_file_is_installed_into_the_environment_that_is_there(checkout: Path) -> None:
    set_up(checkout)
    calls(checkout)
    (checkout / ".venv" / "kept").touch()
    (checkout / "requirements.lock").write_text("surprise==2\n", encoding="utf-8")
    assert "making .venv" not in set_up(checkout).stdout
    assert len(calls(checkout)) == 2
    assert (checkout / ".venv" / "kept").exists()


def test_settings_of_tools_in_pyproject_do_not_cause_a_set_up(checkout: Path) -> None:
    set_up(checkout)
    calls(checkout)
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.something]\nx = 1\n")
    assert set_up(checkout).stdout == ""
    assert calls(checkout) == []


def test_a_failure_shows_what_pip_said_and_the_next_set_up_begins_anew(checkout: Path) -> None:
    (checkout / "broken").touch()
    failed = set_up(checkout)
    assert failed.returncode == 1
    assert "no such package: surprise" in failed.stderr
    assert f"{checkout}/.local/setup.log" in failed.stderr
    (checkout / ".venv" / "half-made").touch()
    (checkout / "broken").unlink()
    mended = set_up(checkout)
    assert mended.returncode == 0
    assert "making .venv" in mended.stdout
    assert not (checkout / ".venv" / "half-made").exists()


@pytest.mark.parametrize("damage", ["no python", "dangling python", "no stamp"])
def test_a_damaged_environment_is_mended(checkout: Path, damage: str) -> None:
    set_up(checkout)
    calls(checkout)
    python = checkout / ".venv" / "bin" / "python"
    if damage == "no stamp":
        (checkout / ".venv" / ".setup-stamp").unlink()
    else:
        python.unlink()
    if damage == "dangling python":
        python.symlink_to("/nowhere/python3")
    assert set_up(checkout).returncode == 0
    assert len(calls(checkout)) == 2
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0


def test_a_moved_checkout_gets_an_environment_of_its_own(checkout: Path) -> None:
    set_up(checkout)
    moved = checkout.rename(checkout.parent / "elsewhere")
    calls(moved)
    assert "making .venv" in set_up(moved).stdout
    assert calls(moved)[0].startswith(f"{moved}/.venv install")


def test_two_set_ups_at_once_install_once(checkout: Path) -> None:
    command = [sys.executable, str(checkout / "tools" / "setup.py")]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert len(calls(checkout)) == 2


def test_a_python_without_venv_is_told_what_to_install(checkout: Path) -> None:
    (checkout / "tools" / "venv.py").write_text("raise ImportError", encoding="utf-8")
    done = set_up(checkout)
    assert done.returncode == 1
    assert "has no module `venv`" in done.stderr
    assert "apt install python3-venv" in done.stderr


def test_an_old_python_is_told_so(checkout: Path) -> None:
    # The script as it is, but on a Python that calls itself 3.9.
    as_old = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0);"
        f"runpy.run_path({str(checkout / 'tools' / 'setup.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", as_old], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is Python 3.9, but Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert "make PYTHON=python3.12" in done.stderr
    assert not (checkout / ".venv").exists()
