"""Write the golden records anew from their texts: `python tests/transform/golden/update.py`; then review the diff."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal

FOLDER = Path(__file__).parent


def document(text: str, name: str = "page.txt") -> Document:
    return Document(
        text=text,
        document_id="0" * 32,
        source_uri=name,
        source_offset=0,
        source_length=len(text.encode()),
        media_type="text/plain",
        charset="utf-8",
    )


def as_json(result: Record | Refusal) -> str:
    return json.dumps(dataclasses.asdict(result), ensure_ascii=False, indent=2, default=str) + "\n"


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.txt")):
        result = parse(document(path.read_text(encoding="utf-8"), path.name))
        path.with_suffix(".json").write_text(as_json(result), encoding="utf-8")
