"""The landing zone, wherever it is: what `plan` lists and what `extract` opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from etl.extract.local_landing import LocalLanding
from etl.extract.plan import LandingFile
from etl.settings import Settings


class Landing(Protocol):
    """A landing zone, only ever read; folders are given in POSIX form, relative to its root."""

    @property
    def root(self) -> str:
        """Where it is, for messages."""

    def days(self, pattern: str) -> list[str]:
        """The landing days that have a folder, in order; `pattern` as in the setting `day_folder`.

        Raises:
            LandingUnavailable: the landing root is missing or cannot be listed.
        """

    def list_day(self, folder: str) -> list[LandingFile]:
        """All files below the day's folder, sorted by `source_uri`; none where the day has no folder.

        Raises:
            LandingUnavailable: the landing root is missing, or a folder cannot be listed.
        """

    def has_folder(self, folder: str) -> bool:
        """Whether there is such a folder now.

        Raises:
            LandingUnavailable: a store could not be asked.
        """

    def open(self, source_uri: str) -> BinaryIO:
        """A seekable, buffered stream of the file's bytes; the caller closes it.

        Raises:
            OSError: the file cannot be opened or is no regular file.
        """

    def fetched(self, files: Sequence[LandingFile]) -> Iterator[tuple[LandingFile, BinaryIO | OSError]]:
        """Open the files in the given order, each as `open` does; a stream is closed when the next is asked for."""


def open_landing(settings: Settings) -> Landing:
    """The landing zone of the settings.

    Raises:
        SettingsInvalid: what a store or an Airflow connection needs is not installed or not there.
        LandingUnavailable: the store cannot be reached.
    """
    if isinstance(settings.landing, Path):
        return LocalLanding(settings.landing)
    # Imported where it is needed: a local landing zone shall not pay for the clients of stores.
    from etl.extract.remote_landing import RemoteLanding  # noqa: PLC0415
    from etl.extract.stores import open_store  # noqa: PLC0415

    store = open_store(settings.landing, settings.landing_options, settings.landing_connection)
    return RemoteLanding(store, settings.landing)
