"""Clients of stores: from the settings of a landing zone, or an Airflow connection, to an fsspec file system."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import fsspec

from etl.errors import LandingUnavailable, SettingsInvalid

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
"""Our optional dependencies, by scheme."""
_PROVIDERS = {
    "s3": "apache-airflow-providers-amazon[s3fs]",
    "s3a": "apache-airflow-providers-amazon[s3fs]",
    "gs": "apache-airflow-providers-google",
    "gcs": "apache-airflow-providers-google",
    "abfs": "apache-airflow-providers-microsoft-azure",
    "abfss": "apache-airflow-providers-microsoft-azure",
    "adl": "apache-airflow-providers-microsoft-azure",
    "hf": "apache-airflow-providers-common-io",
}
"""Packages that make Airflow connections into file systems, by scheme."""
_S3_EXTRA_USED = {"endpoint_url", "region_name", "aws_session_token"}
"""Fields of an `aws` connection's extra that need no provider."""
_ALWAYS = {"use_listings_cache": False, "skip_instance_cache": True}
"""A listing shows what is there now, and credentials are those of this moment."""


def open_store(url: str, options: Mapping[str, Any], connection: str | None) -> Any:
    """The fsspec file system of the URL.

    Args:
        url: Its scheme decides.
        options: Arguments of the file system.
        connection: Id of an Airflow connection, looked up by Airflow's own means: in a task from the scheduler, else
            from secrets backends and `AIRFLOW_CONN_*`.

    Raises:
        SettingsInvalid: a package is missing, options are refused by the file system, or the connection is unknown.
        LandingUnavailable: the file system could not be made for another reason.
    """
    scheme = url.partition("://")[0]
    own = copy.deepcopy(dict(options))  # clients write into it
    try:
        if connection:
            return _open_connected(scheme, own, connection)
        return fsspec.filesystem(scheme, **_ALWAYS, **own)
    except ImportError as error:
        extra = _EXTRAS.get(scheme)
        remedy = f'`pip install "news-corpus-etl[{extra}]"`' if extra else f"install what it asks for ({error})"
        message = f"landing zone `{url}` needs a package that is not installed: {remedy}"
        raise SettingsInvalid(message) from error
    except TypeError as error:
        message = f"`landing_options` do not suit `{scheme}://`: {error}"
        raise SettingsInvalid(message) from error
    except SettingsInvalid:
        raise
    except Exception as error:  # clients of stores raise errors of many kinds
        message = f"landing zone `{url}` cannot be reached ({type(error).__name__}: {error}); mend its settings"
        raise LandingUnavailable(message) from error


def _open_connected(scheme: str, options: dict[str, Any], connection: str) -> Any:
    """By the provider of the scheme where there is one; of S3, plain keys work without it, which is large."""
    # Airflow takes a second to import, and only this needs it.
    from airflow.sdk.io.fs import get_fs, has_fs  # noqa: PLC0415

    if has_fs(scheme):
        return get_fs(scheme, connection, options)
    if _EXTRAS.get(scheme) != "s3":
        message = (
            f"no installed Airflow provider makes `{connection}` a file system for `{scheme}://`; {_remedy(scheme)}"
        )
        raise SettingsInvalid(message)
    return fsspec.filesystem(scheme, **_ALWAYS, **_merged(_s3_options(scheme, connection), options))


def _s3_options(scheme: str, connection: str) -> dict[str, Any]:
    found = _connection(connection)
    extra = found.extra_dejson
    more = sorted(name for name, value in extra.items() if value and name not in _S3_EXTRA_USED)
    if more:
        message = f"connection `{connection}` has {', '.join(more)} in its extra; {_remedy(scheme)}"
        raise SettingsInvalid(message)
    region = extra.get("region_name")
    known = {
        "key": found.login,
        "secret": found.password,
        "token": extra.get("aws_session_token"),
        "endpoint_url": extra.get("endpoint_url"),
        "client_kwargs": {"region_name": region} if region else None,
    }
    return {name: value for name, value in known.items() if value}


def _connection(connection: str) -> Any:
    from airflow.sdk import Connection  # noqa: PLC0415
    from airflow.sdk.exceptions import AirflowNotFoundException  # noqa: PLC0415

    try:
        return Connection.get(connection)
    except AirflowNotFoundException as error:
        message = (
            f"Airflow knows no connection `{connection}`; create it, set AIRFLOW_CONN_{connection.upper()}, or leave "
            "`landing_connection` out"
        )
        raise SettingsInvalid(message) from error


def _remedy(scheme: str) -> str:
    package = _PROVIDERS.get(scheme)
    install = f"install `{package}` beside Airflow" if package else "install a provider that does"
    return f"{install}, or leave `landing_connection` out and give credentials in the environment"


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = {k: base[k] | over[k] for k in base.keys() & over.keys() if isinstance(base[k], dict)}
    return base | over | both
