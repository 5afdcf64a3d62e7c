"""Write what the parser says of labelled pages as rows for scorers: OUT/text.jsonl from page texts, OUT/html.jsonl."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.quality.progress import progress
from benchmarks.quality.sets import INPUTS, Sample, own_set, shared_set
from tests.quality.predictions import predict


def predictions(samples: list[Sample], form: str) -> dict[str, dict[str, Any]]:
    """Rows by page, from the pages as `text` or `html`."""
    return {
        sample.id: predict(sample.id, sample.data(form), INPUTS[form])
        for sample in progress(samples, f"parsing {form}")
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with pages.jsonl and html/; default: our own pages")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two files")
    options = parser.parse_args()
    samples = shared_set(options.corpus) if options.corpus else own_set()
    options.out.mkdir(parents=True, exist_ok=True)
    for form in INPUTS:
        rows = predictions(samples, form).values()
        path = options.out / f"{form}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        refused = Counter(row["refused"] for row in rows if "refused" in row)
        said = ", ".join(f"{count} refused ({code})" for code, count in sorted(refused.items()))
        print(f"{path}: {len(rows)} rows{f', {said}' if said else ''}")


if __name__ == "__main__":
    main()
