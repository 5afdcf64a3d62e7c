"""Readers of containers, one small module each; a stream goes in, members come out, and a break at most."""

from etl.extract.readers.agencies import read_agency_file
from etl.extract.readers.json import read_json
from etl.extract.readers.parquet import read_parquet
from etl.extract.readers.tar import read_tar
from etl.extract.readers.warc import read_warc
from etl.extract.readers.zip import read_zip
from etl.extract.walk import Reader

READERS: dict[str, Reader] = {
    "json": read_json,
    "parquet": read_parquet,
    "tar": read_tar,
    "warc": read_warc,
    "xml": read_agency_file,
    "zip": read_zip,
}
"""By the kind that `etl.extract.formats.sniff` tells."""
