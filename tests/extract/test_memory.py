"""Large files pass through memory: what was read of them does not stay."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

MIB = 1 << 20
GROUPS = 96
READ_FILE = """
from etl.extract.read import Reading, read_file
def rows(path):
    with open(path, "rb") as file:
        yield from read_file(file, "all.parquet", Reading())
"""
ITERATE_PART = """
from pathlib import Path
from etl.workspace import iterate_part
def rows(path):
    for batch in iterate_part(Path(path)):
        yield from batch.to_pylist()
"""
GROWTH = """
import resource, sys
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
found = rows(sys.argv[1])
for _ in range(40):  # libraries are loaded, buffers have their size
    next(found)
begin = peak()
print(40 + sum(1 for _ in found), peak() - begin)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Parquet file of 96 row groups of 1 MiB, not compressed."""
    path = tmp_path_factory.mktemp("large") / "all.parquet"
    schema = pa.schema([("text", pa.string())])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as file:
        for _ in range(GROUPS):
            file.write_table(pa.table({"text": ["so long " * (MIB // 64)] * 8}, schema=schema))
    return path


@pytest.mark.parametrize("reader", [READ_FILE, ITERATE_PART], ids=["landing file", "part file"])
def test_of_a_large_parquet_file_a_small_part_is_in_memory(large: Path, reader: str) -> None:
    command = [sys.executable, "-c", reader + GROWTH, str(large)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    count, growth = map(int, done.stdout.split())
    assert count == GROUPS * 8
    assert growth < large.stat().st_size / 4
