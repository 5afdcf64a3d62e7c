"""news-corpus-etl: raw news article files in, validated Parquet tables out, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etl.warehouse import open_warehouse as open_warehouse

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import `etl.open_warehouse` when it is asked for: `import etl` stays free of heavy libraries."""
    if name == "open_warehouse":
        from etl.warehouse import open_warehouse  # noqa: PLC0415

        return open_warehouse
    message = f"module `etl` has no attribute `{name}`"
    raise AttributeError(message)
