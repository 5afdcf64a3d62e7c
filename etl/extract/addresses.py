"""Addresses of landing zones: a path or a URL, and options that hold no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=:)(?!//)[^/@]+(?=@)")
_LOCAL = ("file", "local")
_SECRET = re.compile(
    r"(?:^|[^a-z])keys?(?:$|[^a-z])|(?:api|account|access)key|customer|secret|token|passw|passphrase|credential"
)
_SECRET_ADDRESS = ("connection_string", "sas_url")
_NO_SECRETS = ("anon", "cloud", "google_default")
"""Values of gcsfs's `token` that name a way to log in."""


def is_url(text: str) -> bool:
    """Whether it names a store, rather than a folder."""
    return _URL.match(text) is not None


def local_or_url(text: str) -> Path | str:
    """A folder as a path, a store as a URL without a slash at its end; `file://` is a folder.

    Raises:
        ValueError: fsspec does not know the scheme, a bucket is missing, or a password stands in the URL.
    """
    if not is_url(text):
        return Path(text)
    scheme, _, rest = text.partition("://")
    scheme = scheme.lower()
    if scheme in _LOCAL:
        if not rest.startswith("/"):
            message = "a folder has three slashes, e.g. `file:///data/landing`"
            raise ValueError(message)
        return Path(rest)
    from fsspec.registry import known_implementations, registry  # noqa: PLC0415 - DAG files need it with URLs only

    if scheme not in known_implementations and scheme not in registry:
        message = f"fsspec knows no scheme `{scheme}`; write e.g. s3://bucket/folder, gs://bucket/folder or a path"
        raise ValueError(message)
    if urlsplit(text).password:
        message = "it holds a password; leave it out, and give it in the environment or as `landing_connection`"
        raise ValueError(message)
    if not rest.strip("/") and scheme != "memory":
        message = f"it names no bucket; write e.g. {scheme}://bucket/folder"
        raise ValueError(message)
    return f"{scheme}://{rest.rstrip('/')}"


_ELSEWHERE = (
    "give it in the environment (e.g. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_APPLICATION_CREDENTIALS) "
    "or as `landing_connection`"
)


def refuse_secrets(options: Mapping[str, Any], remedy: str = _ELSEWHERE) -> None:
    """Refuse options whose names say that they are secrets: settings are kept with every run.

    Args:
        options: By name; also in one another.
        remedy: Where such a secret belongs instead.

    Raises:
        ValueError: naming the option, not its value.
    """
    for name, value in options.items():
        if value in _NO_SECRETS:
            continue
        if _SECRET.search(name.lower()) or name.lower() in _SECRET_ADDRESS:
            message = f"`{name}` looks like a secret, and each run writes its settings down; leave it out, and {remedy}"
            raise ValueError(message)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Mapping):
                refuse_secrets(inner, remedy)


def without_password(text: str) -> str:
    """The address as it may be shown."""
    return _PASSWORD.sub("***", text)
