"""Errors: one root, subclasses named after the fact; every message says what, where and what to do."""


class NewsEtlError(Exception):
    """Root of all errors that this package raises on purpose."""


class SettingsInvalid(NewsEtlError):
    """A setting is unknown or holds a value that cannot be used."""


class LandingUnavailable(NewsEtlError):
    """The landing zone is missing or cannot be listed."""


class LandingChanged(NewsEtlError):
    """A landing file holds other documents than it did, though its size and version say that it is the same."""


class DayUnresolved(NewsEtlError):
    """A run does not say which landing day it is for, or says two different ones."""


class StagedFileMissing(NewsEtlError):
    """A stage was called before the stage that writes its input, or its work folder was removed."""


class CodeChanged(NewsEtlError):
    """The code was exchanged in the middle of a run, or workers have different code."""


class WorkerDied(NewsEtlError):
    """A worker process ended in the middle of a batch, usually for lack of memory."""


class ParserNotStarted(NewsEtlError):
    """The process in which documents are parsed cannot be started."""


class SuiteInvalid(NewsEtlError):
    """A suite file in `expectations/` cannot be used: bad JSON, unknown rule, missing policy."""


class ValidationCrashed(NewsEtlError):
    """A check could not be evaluated (missing column, exception inside Great Expectations)."""


class DayBlocked(NewsEtlError):
    """A day may not be published; nothing was changed. Subclasses say why."""


class RuleBlocked(DayBlocked):
    """A blocking rule failed, or a quarantine rule failed for more rows than it tolerates."""


class AccountingFailed(DayBlocked):
    """The outcomes of a run do not add up to the documents of its manifest."""


class DayShrunk(DayBlocked):
    """The new day holds none, or under half, of the documents that are published for it."""


class WarehouseUnusable(NewsEtlError):
    """The warehouse folder lacks what publishing needs (hard links, rename, symlinks, locks)."""


class WarehouseDamaged(NewsEtlError):
    """Files of the warehouse are missing, or have other bytes than were published."""


class WarehouseLocked(NewsEtlError):
    """Another process held the publishing lock for longer than the timeout."""


class SchemaVersionMismatch(NewsEtlError):
    """The warehouse was written with another schema version."""


class SnapshotMissing(NewsEtlError):
    """The warehouse has no published snapshot, or not the one asked for."""


class DocumentMissing(NewsEtlError):
    """The landing zone or the tables do not have the document asked for (any more)."""


class NotificationFailed(NewsEtlError):
    """The command that drift alarms are told to could not be run, or failed; it is tried again."""
