"""Make `.venv` hold exactly what `requirements.lock` names and this project; do nothing where it does already.

Needs a Python 3.11 to 3.13 and nothing else: no pip, no ensurepip (Debian ships neither), no activated environment, no
root. The one program that it cannot do without, pip, lies in `tools/bootstrap/`. An interrupted set-up is noticed and
begun anew; two at once wait for one another. Everything that pip says goes to `.local/setup.log`.
"""

import sys

# Before anything that an older Python could not read or import.
if not (3, 11) <= sys.version_info < (3, 14):
    sys.exit(
        "setup: {} is Python {}.{}, but Python 3.11, 3.12 or 3.13 is needed.\n"
        "       Install one and name it: make PYTHON=python3.12 ...".format(sys.executable, *sys.version_info)
    )

import fcntl
import hashlib
import json
import os
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
LOG = ROOT / ".local" / "setup.log"
STAMP = VENV / ".setup-stamp"
UNFINISHED = "unfinished"
LINES_OF_LOG_SHOWN = 25


class SetupFailed(Exception):
    """A step did not succeed; the message is for the user."""


def main() -> int:
    """Bring `.venv` up to date; returns the exit code."""
    try:
        LOG.parent.mkdir(exist_ok=True)
        with only_one_at_a_time():
            wanted = fingerprint()
            if read_stamp() != (str(VENV), wanted) or not is_usable():
                set_up(wanted)
    except (SetupFailed, OSError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; the next one begins anew", file=sys.stderr)
        return 130
    return 0


def set_up(wanted: str) -> None:
    """Make the environment where it is missing, broken or half-made, then install the lock file and the project."""
    started = time.monotonic()
    where, state = read_stamp()
    if state == UNFINISHED or where not in ("", str(VENV)) or not is_usable():
        say(f"making .venv with Python {python_version()} ({sys.executable})")
        make_environment()
    write_stamp(UNFINISHED)
    LOG.write_bytes(b"")
    say("installing what requirements.lock names (a minute or two the first time)")
    # Python compiles what it imports, as it goes; to compile all of it here takes as long as everything else.
    pip("install", "--no-compile", "--require-hashes", "--requirement", str(LOCK))
    say("installing this project, editable")
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    write_stamp(wanted)
    say(f"done in {time.monotonic() - started:.0f} s")


def say(message: str) -> None:
    """Tell the user about one step."""
    print(f"setup: {message}", flush=True)


def python_version() -> str:
    """Minor version of the Python that runs this, e.g. `3.11`; wheels differ by it."""
    return "{}.{}".format(*sys.version_info)


def fingerprint() -> str:
    """Hash of all that decides about the content of `.venv`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    facts = {
        "lock": LOCK.read_text(encoding="utf-8"),
        "project": project["project"],
        "build": [project["build-system"], project["tool"]["hatch"]],
        "python": python_version(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def read_stamp() -> tuple[str, str]:
    """What the last set-up left: where it was, and a fingerprint or `unfinished`; both empty where there was none."""
    try:
        where, _, state = STAMP.read_text(encoding="utf-8").rpartition("\n")
    except FileNotFoundError:
        return "", ""
    return where, state


def write_stamp(state: str) -> None:
    """Leave word for the next set-up; the place too, because the scripts in `.venv` hold it."""
    STAMP.write_text(f"{VENV}\n{state}", encoding="utf-8")


def is_usable() -> bool:
    """Whether `.venv` has a Python that starts and is of the wanted version."""
    command = [str(VENV / "bin" / "python"), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    except OSError:
        return False
    return answer.stdout.strip() == python_version()


def make_environment() -> None:
    """Make an empty `.venv`, without pip."""
    try:
        import venv  # noqa: PLC0415 - some distributions ship Python without it, and that needs a word
    except ImportError:
        message = (
            f"{sys.executable} has no module `venv`.\n"
            "       Install it (Debian, Ubuntu: apt install python3-venv) or name another Python: make PYTHON=..."
        )
        raise SetupFailed(message) from None
    venv.EnvBuilder(clear=True, symlinks=True, with_pip=False).create(VENV)


def pip(*arguments: str) -> None:
    """Run the pip that lies in `tools/bootstrap/` inside `.venv`, quietly.

    Raises:
        SetupFailed: with the end of what pip said.
    """
    (wheel,) = (ROOT / "tools" / "bootstrap").glob("pip-*.whl")
    command = [str(VENV / "bin" / "python"), str(wheel / "pip"), *arguments]
    # No cache: it would fill the home folder, and what is installed already is not fetched again anyway.
    options = ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--no-color", "--progress-bar=off"]
    with LOG.open("ab") as log:
        done = subprocess.run([*command, *options], stdout=log, stderr=log, check=False, cwd=ROOT, env=environment())
    if done.returncode != 0:
        last = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_OF_LOG_SHOWN:]
        message = "\n".join([f"`pip {arguments[0]}` failed; the end of {LOG}:", *(f"  | {line}" for line in last)])
        raise SetupFailed(message)


def environment() -> dict[str, str]:
    """The caller's environment without what would send pip elsewhere; index and proxy settings stay."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {"PIP_USER": "0", "PIP_ROOT_USER_ACTION": "ignore"}


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Wait until no other set-up of this checkout runs."""
    with LOG.with_name("setup.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
