"""Write `deploy/.env` from `deploy/.env.example`, with fresh secrets where that is empty; needs Python only."""

import base64
import os
import secrets
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
FERNET_KEY = "FERNET_KEY"


def main(folder: Path = DEPLOY) -> int:
    """Write the file unless it is there; returns the exit code."""
    try:
        write(folder)
    except FileExistsError:
        print(f"{folder / '.env'} exists and is left as it is: its secrets belong to a database", file=sys.stderr)
        return 1
    print(f"wrote {folder / '.env'}: set LANDING and WAREHOUSE there; ADMIN_PASSWORD is for the first sign-in")
    return 0


def write(folder: Path) -> None:
    """Write `.env` beside the example, readable for its owner only.

    Raises:
        FileExistsError: it is there already.
    """
    lines = (folder / ".env.example").read_text(encoding="utf-8").splitlines()
    filled = [line + secret_for(line.removesuffix("=")) if is_empty(line) else line for line in lines]
    file = os.open(folder / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        stream.write("\n".join(filled) + "\n")


def is_empty(line: str) -> bool:
    """Whether a line names a setting without a value."""
    return line.endswith("=") and not line.startswith("#")


def secret_for(name: str) -> str:
    """A secret of 256 bits that may stand in a URL or on a command line; a Fernet key must be of a form of its own."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode() if name == FERNET_KEY else secrets.token_hex(32)


if __name__ == "__main__":
    sys.exit(main())
