"""A landing zone in a store that fsspec reaches: S3, Google Cloud Storage and others.

Stores answer slowly and in parallel: listings and small files are fetched by threads. A failure of any kind becomes
`LandingUnavailable` (listing) or an `OSError` (one file), because clients of stores raise errors of their own. They
repeat what is worth repeating (timeouts, throttling, errors of the server) before they raise.
"""

from __future__ import annotations

import errno
import io
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, BinaryIO, TypeVar

from etl.errors import LandingUnavailable
from etl.extract.locations import escape_name, unescape_name
from etl.extract.plan import LandingFile, day_of_folder

_THREADS = 16
_SMALL = 4 * 1024 * 1024
"""Up to this many bytes a file is fetched whole, in one request."""
_AHEAD_BYTES = 32 * 1024 * 1024
"""Bytes of small files that are held or under way."""
_AHEAD_FILES = 128
_BLOCK = 8 * 1024 * 1024
"""Bytes of one request to a large file."""
_BUFFER = 256 * 1024
_MOST_FOLDERS = 64
"""A day with more folders is listed in one go: a request for each would cost more than it saves."""
_VERSIONS = ("ETag", "etag", "generation", "LastModified", "last_modified", "updated", "mtime", "created")
"""What stores call that which tells a changed file, best first."""

_COMMON = ((FileNotFoundError, errno.ENOENT), (PermissionError, errno.EACCES))

_T = TypeVar("_T")


class RemoteLanding:
    """See `etl.extract.landing.Landing`; `store` is an fsspec file system."""

    def __init__(self, store: Any, url: str) -> None:
        self.root = url.rstrip("/")
        self._store = store
        self._base = str(store._strip_protocol(url)).rstrip("/")  # noqa: SLF001 - fsspec's own word for it

    def days(self, pattern: str) -> list[str]:
        """The landing days that have a folder, in order."""
        levels = pattern.strip("/").split("/")
        folders = [""]
        with ThreadPoolExecutor(_THREADS) as threads:
            for _ in levels:
                folders = [name for names in threads.map(self._folders_in, folders) for name in names]
        return sorted(day for name in folders if (day := day_of_folder(name, pattern)))

    def list_day(self, folder: str) -> list[LandingFile]:
        """All files below the day's folder, sorted by `source_uri`; the folders directly in it are listed in parallel.

        Objects of no bytes whose key ends in `/` are folders that a console has made, not files.
        """
        top = self._list(folder)
        folders = [entry["name"] for entry in top if entry["type"] == "directory"]
        found = {entry["name"]: entry for entry in top if entry["type"] != "directory"}
        # A key may hold `//`: its folder has an empty name, and clients list the folder above in its place.
        if len(folders) > _MOST_FOLDERS or any(name.endswith("/") for name in folders):
            found = self._find(self._path(folder))
        elif folders:
            with ThreadPoolExecutor(_THREADS) as threads:
                for below in threads.map(self._find, folders):
                    found |= below
        within = self._path(folder) + "/"
        files = [
            LandingFile(self._uri_of(name), int(entry.get("size") or 0), _version(entry))
            for name, entry in found.items()
            if name.startswith(within) and entry["type"] != "directory" and not _is_folder_object(name, entry)
        ]
        return sorted(files, key=lambda file: file.source_uri)

    def has_folder(self, folder: str) -> bool:
        """Whether anything lies in the folder: stores know no others."""
        return bool(self._list(folder))

    def open(self, source_uri: str) -> BinaryIO:
        """A small file as a whole, a large one as a stream that asks for blocks."""
        path = self._file_path(source_uri)
        return _as_os_error(lambda: self._open(path))

    def fetched(self, files: Sequence[LandingFile]) -> Iterator[tuple[LandingFile, BinaryIO | OSError]]:
        """Open the files in the given order; small ones are fetched ahead by threads, within bounds."""
        if not files:
            return
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="fetch") as threads:
            for file, found in self._in_order(threads, files):
                if isinstance(found, OSError):
                    yield file, found
                else:
                    with found:
                        yield file, found

    def _in_order(
        self, threads: ThreadPoolExecutor, files: Sequence[LandingFile]
    ) -> Iterator[tuple[LandingFile, BinaryIO | OSError]]:
        waiting: deque[tuple[LandingFile, Future[BinaryIO | OSError] | None]] = deque()
        ahead = 0
        rest = iter(files)
        coming = next(rest, None)
        try:
            while coming is not None or waiting:
                # The file asked for is always let in; those after it while they are few and small.
                while coming is not None and (
                    not waiting or (len(waiting) < _AHEAD_FILES and ahead + _share(coming) <= _AHEAD_BYTES)
                ):
                    small = coming.size <= _SMALL
                    waiting.append((coming, threads.submit(self._fetch, coming) if small else None))
                    ahead += _share(coming)
                    coming = next(rest, None)
                file, future = waiting.popleft()
                yield file, self._fetch(file) if future is None else future.result()
                ahead -= _share(file)
        finally:
            for _, future in waiting:
                if future is not None:
                    future.cancel()

    def _fetch(self, file: LandingFile) -> BinaryIO | OSError:
        """Open a listed file; where it is still as small as listed, with one request."""
        try:
            path = self._file_path(file.source_uri)
            if 0 < file.size <= _SMALL:
                data = self._cat(path)
                if data is not None:
                    return io.BytesIO(data)
            return _as_os_error(lambda: self._open(path))
        except OSError as error:
            return error

    def _cat(self, path: str) -> bytes | None:
        """The bytes of a small file; None where it has grown or cannot be had so (an emptied one has no range)."""
        try:
            data = bytes(self._store.cat_file(path, start=0, end=_SMALL + 1))
        except FileNotFoundError as error:
            raise _plain(error) from error
        except Exception:  # noqa: BLE001 - `_open` asks again, and tells the reason
            return None
        return data if len(data) <= _SMALL else None

    def _open(self, path: str) -> BinaryIO:
        self._store.invalidate_cache()
        entry = self._store.info(path)
        if entry["type"] != "file":
            message = "not a file"
            raise OSError(message)
        size = int(entry.get("size") or 0)
        if size == 0:
            return io.BytesIO(b"")
        if size <= _SMALL and (data := self._cat(path)) is not None:
            return io.BytesIO(data)
        return io.BufferedReader(_StoreStream(self._store.open(path, "rb", block_size=_BLOCK)), _BUFFER)

    def _list(self, folder: str) -> list[dict[str, Any]]:
        """What lies directly in the folder; nothing where there is no such folder, if there is the root."""
        path = self._path(folder)
        try:
            self._store.invalidate_cache()
            entries = self._store.ls(path, detail=True)
        except FileNotFoundError as error:
            if not folder:
                message = f"landing zone `{self.root}` is missing or holds nothing; create it or set `landing`"
                raise LandingUnavailable(message) from error
            self._list("")
            return []
        except Exception as error:  # clients of stores raise errors of many kinds
            raise self._unlisted(path, error) from error
        return [entry for entry in entries if entry["name"] != path]

    def _find(self, path: str) -> dict[str, dict[str, Any]]:
        try:
            return dict(self._store.find(path, detail=True))
        except FileNotFoundError:
            return {}
        except Exception as error:  # clients of stores raise errors of many kinds
            raise self._unlisted(path, error) from error

    def _folders_in(self, folder: str) -> list[str]:
        start = len(self._path(folder)) + 1
        names = [entry["name"][start:] for entry in self._list(folder) if entry["type"] == "directory"]
        return [f"{folder}/{name}" if folder else name for name in names if name]

    def _path(self, folder: str) -> str:
        return f"{self._base}/{folder}" if folder else self._base

    def _file_path(self, source_uri: str) -> str:
        if source_uri.endswith("/"):
            # fsspec drops the slash, which could lead to another object.
            message = "the object's key ends in `/`; give it another"
            raise OSError(message)
        return f"{self._base}/{unescape_name(source_uri).decode('utf-8', 'surrogateescape')}"

    def _uri_of(self, path: str) -> str:
        return escape_name(path[len(self._base) + 1 :].encode("utf-8", "surrogateescape"))

    def _unlisted(self, path: str, error: Exception) -> LandingUnavailable:
        where = self.root + path[len(self._base) :]
        message = (
            f"`{where}` cannot be listed ({_reason(error)}); mend the address (`landing`, `landing_options`), the "
            "credentials (environment or `landing_connection`) or the store"
        )
        return LandingUnavailable(message)


class _StoreStream(io.RawIOBase):
    """An fsspec file whose failures are `OSError`s, whatever its client raises."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = _as_os_error(lambda: self._file.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(_as_os_error(lambda: self._file.seek(offset, whence)))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        self._file.close()
        super().close()


def _as_os_error(action: Callable[[], _T]) -> _T:
    try:
        return action()
    except OSError as error:
        raise _plain(error) from error
    except Exception as error:  # clients of stores raise errors of many kinds
        raise OSError(_reason(error)) from error


def _plain(error: OSError) -> OSError:
    """What is common is said as a disk says it, without paths and requests: rejects tell it in the tables."""
    for kind, number in _COMMON:
        if isinstance(error, kind):
            return kind(number, os.strerror(number))
    return error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _share(file: LandingFile) -> int:
    return file.size if file.size <= _SMALL else 0


def _is_folder_object(name: str, entry: dict[str, Any]) -> bool:
    return name.endswith("/") and not entry.get("size")


def _version(entry: dict[str, Any]) -> str:
    value = next((entry[name] for name in _VERSIONS if entry.get(name)), "")
    return value.isoformat() if isinstance(value, datetime) else str(value)
