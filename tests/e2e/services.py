"""Databases and queues that tests start for themselves on loopback; the programs are those that Debian installs."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.airflows import free_port, until

USER = "test"
PASSWORD = "loopback"  # noqa: S105 - of a database that lives for minutes


def program(name: str, package: str) -> Path:
    """The path of a program; fails the test where its Debian package is missing."""
    # Debian keeps those of PostgreSQL in a folder for each version.
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True
    )
    for folder in (*reversed(folders), Path("/usr/bin")):
        if (folder / name).is_file():
            return folder / name
    pytest.fail(f"`{name}` is missing; install it: apt-get install {package}")


@contextmanager
def postgres(*databases: str) -> Iterator[dict[str, str]]:
    """A PostgreSQL server with empty databases; gives each one's URL, without a scheme."""
    program("initdb", "postgresql")
    user = "postgres" if os.geteuid() == 0 else None  # it refuses root; Debian's package has made this user
    port = free_port()
    # Not below pytest's folder, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory(prefix="postgres-") as temporary:
        folder = Path(temporary)
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="ascii")
        if user is not None:
            shutil.chown(folder, user)
            shutil.chown(secret, user)

        def run(name: str, *arguments: str | Path) -> None:
            command = [program(name, "postgresql"), *arguments]
            environment = os.environ | {"PGPASSWORD": PASSWORD}
            done = subprocess.run(
                command, user=user, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr

        data = folder / "data"
        run("initdb", "-D", data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options)
        try:
            for name in databases:
                run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", USER, name)
            yield {name: f"{USER}:{PASSWORD}@127.0.0.1:{port}/{name}" for name in databases}
        finally:
            run("pg_ctl", "stop", "-w", "-D", data, "-m", "fast")  # it does not wait for its clients


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis server that keeps nothing; gives its URL."""
    port = free_port()
    command = [str(program("redis-server", "redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with (
        (folder / "redis.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server,
    ):
        try:
            until(lambda: listens(port), 30)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
