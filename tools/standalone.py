"""Airflow with its user interface on loopback: `up`, `down`, `status` (the bodies of `make up` and `make down`).

Unlike `airflow standalone` nothing listens on other interfaces (its log servers do), and stopping leaves no process.
Settings: `UP_PORT` (default 8080); `LOCAL_DIR`; `NEWS_ETL_*`, by default the samples and `.local/warehouse`;
`UP_AIRFLOW__SECTION__KEY` for any of Airflow's; with its CeleryExecutor, `UP_WORKERS` names the workers (default `w1`).
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import psutil

from tools.airflow_home import DAG_ID, LOCAL, PUBLISH_POOL, SAMPLES, WAREHOUSE, airflow_environment, end_of

HOST = "127.0.0.1"
PORT = int(os.environ.get("UP_PORT") or 8080)
HOME = LOCAL / "airflow" / "standalone"
LOG = HOME / "standalone.log"
STATE = HOME / "running.json"
PASSWORDS = HOME / "passwords.json"

UP_WITHIN = 180.0
ANSWER_WITHIN = 10.0
DOWN_WITHIN = 30.0
END_WITHIN = 25.0
"""What a component has to end in; shorter, so that `down` finds nothing left."""
COMPONENTS = {
    "api server": ["api-server"],
    # The user interface reads task logs from disk: no log server is needed on one machine.
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "DAG processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}


class NotStarted(Exception):
    """Airflow did not come up; the message is for the user."""


def main() -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["up", "down", "status", "serve"])
    command = parser.parse_args().command
    try:
        return {"up": up, "down": down, "status": status, "serve": serve}[command]()
    except NotStarted as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up() -> int:
    """Start Airflow, wait until it can take work, say where it is."""
    if session() is not None:
        return status()
    refuse_taken_port()
    HOME.mkdir(parents=True, exist_ok=True)
    HOME.chmod(0o700)  # it holds the password
    made = make_password()
    environment = standalone_environment()
    started = time.monotonic()
    print(f"starting Airflow on {HOST}:{PORT}, usually within a minute (log: {LOG})", flush=True)
    with LOG.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "serve"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    facts = {
        "session": process.pid,
        "started": psutil.Process(process.pid).create_time(),
        "port": PORT,
        "landing": environment.get("NEWS_ETL_LANDING"),
        "warehouse": environment.get("NEWS_ETL_WAREHOUSE"),
    }
    STATE.write_text(json.dumps(facts), encoding="utf-8")
    try:
        wait_until_ready(process, started, worker_names(environment))
    except (NotStarted, KeyboardInterrupt):
        down()
        if made:  # nobody has seen it
            PASSWORDS.unlink(missing_ok=True)
        raise
    return status(made)


def down() -> int:
    """Stop Airflow: ask its process group, then end whatever of its session is left."""
    leader = session()
    if leader is None:
        print("Airflow is not running")
        STATE.unlink(missing_ok=True)
        return 0
    with suppress(ProcessLookupError):  # only processes with groups of their own are left
        os.killpg(leader, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_WITHIN
    while (left := members(leader)) and time.monotonic() < deadline:
        time.sleep(0.2)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5)
    if left := members(leader):
        print(f"these processes do not end: {', '.join(str(p.pid) for p in left)}", file=sys.stderr)
        return 1
    STATE.unlink(missing_ok=True)
    print("Airflow is stopped")
    return 0


def status(new_password: str | None = None) -> int:
    """Say whether Airflow runs, and where; a password is shown once, when it is new."""
    if session() is None:
        print("Airflow is not running; start it: make up")
        return 1
    facts = json.loads(STATE.read_text(encoding="utf-8"))
    url = f"http://{HOST}:{facts['port']}"
    print(f"Airflow     {url}/dags/{DAG_ID}")
    shown = f"password {new_password} (not shown again; it is" if new_password else "password as before (it is"
    print(f"log in as   admin, {shown} in {PASSWORDS})")
    print(f"landing     {facts['landing'] or 'as NEWS_ETL_CONFIG says'}")
    print(f"warehouse   {facts['warehouse'] or 'as NEWS_ETL_CONFIG says'}")
    print("backfill    Trigger > Backfill, from the first to the last day, both included")
    print("stop        make down")
    return 0


def serve() -> int:
    """Run Airflow's components until a signal, or until one of them ends (internal; started by `up`)."""

    def stop(number: int, _frame: object) -> NoReturn:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    airflow = [sys.executable, "-m", "airflow"]
    subprocess.run([*airflow, "db", "migrate"], check=True)
    running = {name: subprocess.Popen([*airflow, *arguments]) for name, arguments in COMPONENTS.items()}
    for name in worker_names(os.environ):
        # Airflow takes the name of the machine for that of the worker. When all stop, no task can end as it should.
        own = {"UP_WORKER": name, "AIRFLOW__CORE__HOSTNAME_CALLABLE": "tools.airflow_home.worker_name"}
        own |= {"REMAP_SIGTERM": "SIGQUIT"}
        arguments = ["celery", "worker", "--skip-serve-logs", "--celery-hostname", name]
        running[f"worker {name}"] = subprocess.Popen([*airflow, *arguments], env=os.environ | own)
    try:
        while True:
            for name, process in running.items():
                if process.poll() is not None:
                    print(f"{name} has ended with exit code {process.returncode}; stopping the others", flush=True)
                    return 1
            time.sleep(1)
    finally:
        end(running.values())


def end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask processes to end; those that do not are killed, with whatever they have started."""
    asked = list(processes)
    for process in asked:
        process.terminate()
    deadline = time.monotonic() + END_WITHIN
    for process in asked:
        try:
            process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            for started in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    started.kill()
            process.kill()
            process.wait()


def worker_names(environment: Mapping[str, str]) -> list[str]:
    """Names of the Celery workers to start; none with another executor."""
    if environment["AIRFLOW__CORE__EXECUTOR"] != "CeleryExecutor":
        return []
    return environment.get("UP_WORKERS", "w1").split(",")


def standalone_environment() -> dict[str, str]:
    """The environment of Airflow's components and, through them, of the pipeline."""
    environment = airflow_environment(HOME, dict(os.environ))
    if "NEWS_ETL_CONFIG" not in environment:
        ours = {"NEWS_ETL_LANDING": str(SAMPLES), "NEWS_ETL_WAREHOUSE": str(WAREHOUSE)}
        environment = ours | {"NEWS_ETL_PUBLISH_POOL": PUBLISH_POOL} | environment
    url = f"http://{HOST}:{PORT}"
    own = {
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(PORT),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        # The default starts 32 processes.
        "AIRFLOW__CORE__PARALLELISM": str(min(max(os.cpu_count() or 2, 2), 8)),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(PASSWORDS),
    }
    asked_for = {name.removeprefix("UP_"): v for name, v in environment.items() if name.startswith("UP_AIRFLOW__")}
    return environment | own | asked_for


def refuse_taken_port() -> None:
    """Raise where something listens on our port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, PORT))
        except OSError as error:
            message = f"port {PORT} on {HOST} cannot be used ({error.strerror}); choose another: make up UP_PORT=8090"
            raise NotStarted(message) from None


def wait_until_ready(process: subprocess.Popen[bytes], started: float, workers: list[str]) -> None:
    """Wait until all components report themselves healthy and the DAG can be run; tell of each on the way."""
    parts = {*COMPONENTS, "DAG", *(f"worker {name}" for name in workers)}
    seen: set[str] = set()
    while (elapsed := time.monotonic() - started) < UP_WITHIN:
        if process.poll() is not None:
            message = f"Airflow ended while starting; the end of {LOG}:\n{end_of(LOG)}"
            raise NotStarted(message)
        for name in (*ready_parts(), *ready_workers(workers)):
            if name not in seen:
                seen.add(name)
                print(f"  {elapsed:4.0f} s  {name}", flush=True)
        if seen == parts:
            make_pool()
            return
        time.sleep(1)
    missing = ", ".join(sorted(parts - seen))
    message = f"after {UP_WITHIN:.0f} s these are not ready: {missing}; the end of {LOG}:\n{end_of(LOG)}"
    raise NotStarted(message)


def ready_parts() -> Iterator[str]:
    """What is ready by now: names as in `COMPONENTS`, and `DAG`."""
    health = ask("GET", "/api/v2/monitor/health")
    if health is None:
        return
    yield "api server"
    for name in ("scheduler", "DAG processor", "triggerer"):
        if health[name.replace(" ", "_").lower()]["status"] == "healthy":
            yield name
    token = ask("POST", "/auth/token", {"username": "admin", "password": password()})
    if token and ask("GET", f"/api/v2/dags/{DAG_ID}", token=token["access_token"]):
        yield "DAG"


def make_pool() -> None:
    """See that the pool exists that tasks which publish wait in; without it they would wait forever."""
    signed_in = ask("POST", "/auth/token", {"username": "admin", "password": password()})
    if signed_in is None:
        message = (
            f"Airflow came up, and then did not answer on {HOST}:{PORT} within {ANSWER_WITHIN:.0f} s; is the machine "
            f"busy? Start it again: make up. The end of {LOG}:\n{end_of(LOG)}"
        )
        raise NotStarted(message)
    token, path = signed_in["access_token"], "/api/v2/pools"
    if ask("GET", f"{path}/{PUBLISH_POOL}", token=token) is None:
        ask("POST", path, {"name": PUBLISH_POOL, "slots": 1, "description": "Publishing takes turns."}, token)
    if ask("GET", f"{path}/{PUBLISH_POOL}", token=token) is None:
        message = f"the pool `{PUBLISH_POOL}` could not be made; see the end of {LOG}:\n{end_of(LOG)}"
        raise NotStarted(message)


def ready_workers(workers: list[str]) -> Iterator[str]:
    """Those that have said in the log that they are ready; the REST interface does not know of them."""
    log = LOG.read_text(encoding="utf-8", errors="replace") if workers else ""
    yield from (f"worker {name}" for name in workers if f"celery@{name} ready" in log)


def ask(method: str, path: str, body: Any = None, token: str = "") -> Any:
    """Ask Airflow's REST interface; None where it does not answer with success."""
    connection = http.client.HTTPConnection(HOST, PORT, timeout=ANSWER_WITHIN)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return json.loads(content) if response.status < http.client.BAD_REQUEST else None


def make_password() -> str | None:
    """Make a password for `admin`; None where there is one from before.

    Airflow would make it too, and print it into its log.
    """
    if PASSWORDS.exists():
        return None
    made = secrets.token_urlsafe(16)
    with open(PASSWORDS, "w", opener=partial(os.open, mode=0o600), encoding="utf-8") as file:
        json.dump({"admin": made}, file)
    return made


def password() -> str:
    """The password of `admin`."""
    return str(json.loads(PASSWORDS.read_text(encoding="utf-8"))["admin"])


def session() -> int | None:
    """Session of the Airflow that `up` started, if any process of it is left."""
    try:
        facts = json.loads(STATE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    leader = int(facts["session"])
    try:
        # The number may belong to another process by now.
        if psutil.Process(leader).create_time() != facts["started"]:
            return None
    except psutil.NoSuchProcess:
        pass
    return leader if members(leader) else None


def members(leader: int) -> list[psutil.Process]:
    """Processes of a session, whichever process group they have moved to; zombies do not count."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


if __name__ == "__main__":
    sys.exit(main())
