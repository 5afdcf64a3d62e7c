"""A landing zone in a folder of this machine or of a mount."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from etl.errors import LandingUnavailable
from etl.extract.locations import open_regular, path_of, uri_of
from etl.extract.plan import LandingFile, day_of_folder


class LocalLanding:
    """See `etl.extract.landing.Landing`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = str(folder)

    def days(self, pattern: str) -> list[str]:
        """The landing days that have a folder, in order."""
        levels = "/".join("*" for _ in pattern.strip("/").split("/"))
        try:
            found = [p.relative_to(self._folder).as_posix() for p in self._folder.glob(levels) if p.is_dir()]
        except OSError as error:
            raise _unlisted(self._folder, error) from error
        if not self._folder.is_dir():
            raise self._missing()
        return sorted(day for name in found if (day := day_of_folder(name, pattern)))

    def list_day(self, folder: str) -> list[LandingFile]:
        """All files below the day's folder, sorted by `source_uri`.

        Links to folders are not followed: they could lead out of the day or round in circles. They, and everything
        else that is not a folder, are listed, so that `extract` can account for them.
        """
        if not self._folder.is_dir():
            raise self._missing()
        found: list[LandingFile] = []
        pending = [folder]
        while pending:
            relative = pending.pop()
            try:
                with os.scandir(self._folder / relative) as entries:
                    for entry in entries:
                        name = f"{relative}/{entry.name}" if relative else entry.name
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(name)
                        else:
                            found.append(_listed(entry, name))
            except FileNotFoundError:
                if relative == folder and self._folder.is_dir():
                    return []
                message = f"folder `{self._folder / relative}` vanished while the day was listed; run the day again"
                raise LandingUnavailable(message) from None
            except OSError as error:
                raise _unlisted(self._folder / relative, error) from error
        return sorted(found, key=lambda file: file.source_uri)

    def has_folder(self, folder: str) -> bool:
        """Whether there is such a folder now."""
        return (self._folder / folder).is_dir()

    def open(self, source_uri: str) -> BinaryIO:
        """Open a regular file of the folder."""
        return open_regular(self._folder / path_of(source_uri))

    def fetched(self, files: Sequence[LandingFile]) -> Iterator[tuple[LandingFile, BinaryIO | OSError]]:
        """Open the files one by one: the system reads ahead by itself."""
        for file in files:
            try:
                stream = self.open(file.source_uri)
            except OSError as error:
                yield file, error
            else:
                with stream:
                    yield file, stream

    def _missing(self) -> LandingUnavailable:
        message = f"landing zone `{self._folder}` is missing or not a folder; mount it or set `landing`"
        return LandingUnavailable(message)


def _unlisted(folder: Path, error: OSError) -> LandingUnavailable:
    return LandingUnavailable(f"folder `{folder}` cannot be listed: {error.strerror}; mend its permissions or mount")


def _listed(entry: os.DirEntry[str], relative: str) -> LandingFile:
    """The listed file; one that vanished, or a link that leads nowhere, has size 0 and is rejected when read."""
    try:
        found = entry.stat()
    except OSError:
        return LandingFile(uri_of(relative), 0, "")
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    return LandingFile(uri_of(relative), size, str(found.st_mtime_ns))
