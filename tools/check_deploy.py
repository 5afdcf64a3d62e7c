"""Check `deploy/` by programs of others: hadolint reads the Dockerfile, Compose resolves its file.

No daemon is needed. Compose must take the file with the settings that `tools/deploy_env.py` writes, and refuse it where
any secret is missing.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools import deploy_env

DEPLOY = deploy_env.DEPLOY
OPTIONAL = ("AIRFLOW_UID", "IMAGE_TAG", "WAREHOUSE", "ADMIN_NAME", "ADMIN_EMAIL", "API_", "WORKER")
"""How the names of settings begin that have a default; `API_SECRET_KEY` is a secret all the same."""


def main(programs: Path) -> int:
    """Run all checks with the programs in this folder; returns the exit code."""
    faults = []
    if run([programs / "hadolint", DEPLOY / "Dockerfile"]).returncode:
        faults.append("hadolint objects to deploy/Dockerfile, see above")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / ".env.example").write_text((DEPLOY / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")
        deploy_env.write(folder)
        faults += compose_faults(programs, folder)
    for fault in faults:
        print(f"check-deploy: {fault}", file=sys.stderr)
    print(f"check-deploy: {len(faults)} faults")
    return 1 if faults else 0


def compose_faults(programs: Path, folder: Path) -> list[str]:
    """What is wrong with the Compose file, given a filled-in `.env`."""
    settings = (folder / ".env").read_text(encoding="utf-8").splitlines()
    done = resolve(programs, folder, settings)
    if not done.stdout:
        return [f"Compose refuses deploy/compose.yaml: {done.stderr.strip()}"]
    faults = []
    for line in settings:
        name, assigned, _ = line.partition("=")
        if not assigned or line.startswith("#") or (name != "API_SECRET_KEY" and name.startswith(OPTIONAL)):
            continue
        done = resolve(programs, folder, [other for other in settings if other != line])
        if done.stdout or name not in done.stderr:
            faults.append(f"Compose takes deploy/compose.yaml without `{name}`: {done.stderr.strip()}")
    return faults


def resolve(programs: Path, folder: Path, settings: list[str]) -> subprocess.CompletedProcess[str]:
    """Have Compose print its file with these settings and no others filled in; its package always exits with 0."""
    (folder / "settings").write_text("\n".join(settings), encoding="utf-8")
    command: list[Path | str] = [
        programs / "docker-compose",
        "--env-file",
        folder / "settings",
        "--file",
        DEPLOY / "compose.yaml",
    ]
    return run([*command, "config"], capture=True)


def run(command: Sequence[Path | str], *, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program with nothing of the caller's environment that could fill a setting in."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment["PYTHONPATH"] = str(
        Path(command[0]).parent.parent
    )  # one of the programs is started by a script in Python
    return subprocess.run(command, capture_output=capture, text=True, check=False, env=environment)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
