"""Programs of the system that `make e2e` needs: installed by apt-get where this runs as root, else named.

Does nothing where all are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.airflow_home import LOCAL, end_of

PROGRAMS = {
    "chromium": ("/usr/bin", "chromium"),
    "fonts-liberation": ("/usr/share/fonts", "truetype/liberation/LiberationSans-Regular.ttf"),
    "postgresql": ("/usr/lib/postgresql", "*/bin/initdb"),
    "redis-server": ("/usr/bin", "redis-server"),
}
"""By Debian package: a folder, and the file below it that shows that the package is installed."""

LOG = LOCAL / "e2e-packages.log"
NO_SERVICES = Path("/usr/sbin/policy-rc.d")
"""Debian asks this program whether packages may start their services; it usually does not exist."""


def main() -> int:
    """Have all programs there; returns the exit code."""
    lacking = missing()
    if not lacking:
        return 0
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *lacking]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"e2e: these are missing: {', '.join(lacking)}", file=sys.stderr)
        print("     on Debian and its relatives: sudo apt-get update && sudo", " ".join(command), file=sys.stderr)
        return 1
    print(f"e2e: installing {', '.join(lacking)} (log: {LOG})", flush=True)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log, no_services_started():
        for step in (["apt-get", "update"], command):
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(step, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=False)
    if lacking := missing():
        print(f"e2e: {', '.join(lacking)} could not be installed; the end of {LOG}:\n{end_of(LOG)}", file=sys.stderr)
        return 1
    return 0


def missing() -> list[str]:
    """Packages whose programs are not there."""
    return [package for package, (folder, file) in PROGRAMS.items() if not any(Path(folder).glob(file))]


@contextmanager
def no_services_started() -> Iterator[None]:
    """Keep packages from starting a database and a queue on this machine: the tests start their own."""
    if NO_SERVICES.exists():
        yield
        return
    NO_SERVICES.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    NO_SERVICES.chmod(0o755)
    try:
        yield
    finally:
        NO_SERVICES.unlink()


if __name__ == "__main__":
    sys.exit(main())
