"""Write the golden records anew: `python tests/transform/standards/golden/update.py`; then review the diff."""

from __future__ import annotations

import json
from pathlib import Path

from tests.transform.standards.reading import FOLDER, as_json, read_items

if __name__ == "__main__":
    for path in sorted((FOLDER / "data").iterdir()):
        records = [as_json(record) for record in read_items(path.read_bytes())]
        text = json.dumps(records, ensure_ascii=False, indent=1)
        (Path(__file__).parent / f"{path.name}.json").write_text(f"{text}\n", encoding="utf-8")
