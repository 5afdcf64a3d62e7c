"""The registry of tables: columns, types, keys, descriptions and codes; schemas and documents come from here.

Arrow schemas (with the descriptions in the field metadata), `docs/data-dictionary.md` and the structural part of
every suite in `expectations/` are derived from or checked against this module; nothing else declares a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import pyarrow as pa

SCHEMA_VERSION = 1
"""Raised whenever a published column changes; publishing into a warehouse of another version is refused."""

TypeName = Literal["string", "bool", "int32", "int64", "float32", "date", "timestamp", "strings"]

_ARROW_TYPES: dict[TypeName, pa.DataType] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "strings": pa.list_(pa.field("element", pa.string(), nullable=False)),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, whether it may be null, what it means, and the values it may take."""

    name: str
    type: TypeName
    description: str
    nullable: bool = False
    codes: tuple[str, ...] = ()

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type that the column has in memory and in Parquet."""
        return _ARROW_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Table:
    """One published table; `key` identifies a row within one `ingest_date`."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The column names in their published order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


AGENCY_KINDS = ("wire", "photo", "press_release", "editorial", "generic")
AGENCY_SCOPES = ("text", "dateline", "byline", "image")
STAGES = ("extract", "transform", "validate")

REJECT_CODES: dict[str, tuple[str, str]] = {
    "empty": (
        "The file holds no text: zero bytes, or white space only.",
        "Nothing to mend; if many appear, look at what writes the landing zone.",
    ),
    "binary": (
        "The bytes are not text (control characters, a picture, a PDF or office document).",
        "Remove the file, or convert it to text or HTML before it lands.",
    ),
    "undecodable": (
        "No charset made plausible text of the bytes.",
        "Name the charset of this source in the setting `charsets`.",
    ),
    "too_large": (
        "The document is larger than `max_document_bytes`, or the container than `max_container_members` or `_bytes`.",
        "Raise the setting if such documents are expected, then `news-etl replay --code too_large`.",
    ),
    "truncated_container": (
        "A container or a compressed file ends early or is damaged; the documents before the damage stand.",
        "Fetch the file again; the message says at which byte it broke.",
    ),
    "decompression_bomb": (
        "Compressed data unfolds to more than `max_decompression_ratio` times its size.",
        "Look at who sent the file; raise the setting if the data is honest.",
    ),
    "nested_too_deep": (
        "Containers or compressions stand inside one another deeper than `max_nesting`.",
        "Unpack the outer ones before they land, or raise the setting.",
    ),
    "bad_member_path": (
        "The name of a container's member leads out of it (absolute, `..`) or is none.",
        "Pack the archive again with relative names.",
    ),
    "unreadable": (
        "The file could not be opened or read (permissions, vanished, I/O error).",
        "See the message for the system's reason; mend it and run the day again.",
    ),
    "changed_file": (
        "The file has another size than when the day was listed: it was still being written, or replaced.",
        "Run the day again when it is complete (`news-etl run --stale` finds it).",
    ),
    "unsupported_format": (
        "The content is of a format that this version does not read, or a record has no known text field.",
        "Convert it to text or HTML, or name the field in the setting `columns`.",
    ),
    "not_an_article": (
        "No article text was found (section front, error or consent page; a picture or a withdrawn item of an agency).",
        "Nothing to mend if the page is none; otherwise report it with the document.",
    ),
    "malformed": (
        "The document is no well-formed XML or JSON, nests too deep, or declares entities of its own.",
        "Fetch it again, or tell its provider; a line that is no JSON costs itself only.",
    ),
    "parse_timeout": (
        "Parsing took more CPU seconds than the setting `document_cpu_seconds` allows, twice, the second time alone.",
        "Raise the setting if such documents are expected; otherwise report it with the document.",
    ),
    "parse_memory": (
        "Parsing took more memory than the setting `document_memory_bytes` allows, twice, the second time alone.",
        "Raise the setting if such documents are expected; otherwise report it with the document.",
    ),
    "parse_error": (
        "The parser failed on the document, or its process crashed, twice; this is a defect of ours.",
        "Report it with the document; the other documents of the day are not affected.",
    ),
    "duplicate_document": (
        "The same bytes are in the day more than once; the smallest (source_uri, source_offset) was kept.",
        "Nothing to mend.",
    ),
    "rule:<name>": (
        "The row was taken out by the named rule of a suite in `expectations/`.",
        "Look the rule up by its name in the suite file; `row_json` holds the whole row.",
    ),
}
"""Stable reject codes: what each means and what to do about it."""

INGEST_DATE = Column("ingest_date", "date", "Landing day of the document; the unit of every rewrite.")

_SOURCE_URI = Column(
    "source_uri",
    "string",
    "Path of the file relative to the landing root; `path!member` inside containers. In names `!`, control "
    "characters and bytes that are not UTF-8 are written `\\xNN`, a backslash is doubled.",
)
_SOURCE_OFFSET = Column(
    "source_offset", "int64", "Where the document starts, in bytes of the outermost uncompressed stream."
)

ARTICLES = Table(
    name="articles",
    description="One row per news article.",
    key=("article_id",),
    columns=(
        INGEST_DATE,
        Column("article_id", "string", "First 32 hex digits of the SHA-256 of the document's bytes."),
        Column(
            "source",
            "string",
            "First folder below the landing day, else the domain of `url` without `www.`, else null.",
            nullable=True,
        ),
        Column(
            "url", "string", "Address of the page: as it states itself in HTML, else as it was given.", nullable=True
        ),
        Column("kicker", "string", "Short line above the headline (section or topic mark).", nullable=True),
        Column("headline", "string", "Headline of the article.", nullable=True),
        Column(
            "lead",
            "string",
            "Standfirst where the page sets one apart; never repeated in `body`.",
            nullable=True,
        ),
        Column(
            "body",
            "string",
            "The article's own paragraphs and sub-headings, joined by a blank line; no credit, caption or notice.",
        ),
        Column(
            "authors",
            "strings",
            "Names of the authors in their order, without roles and agencies; the publisher where only it is stated.",
        ),
        Column("published_date", "date", "Day of publication as the publisher wrote it.", nullable=True),
        Column("published_at", "timestamp", "Time of publication in UTC, where a time is given.", nullable=True),
        Column(
            "published_offset_minutes",
            "int32",
            "Offset of the publisher's zone from UTC in minutes, where the zone is given.",
            nullable=True,
        ),
        Column("published_evidence", "string", "The line or metadata that the date was read from.", nullable=True),
        Column("modified_at", "timestamp", "Time of the last change in UTC, where given.", nullable=True),
        Column("language", "string", "ISO 639-1 code of the language of the text.", nullable=True),
        Column("language_score", "float32", "Confidence of `language`, 0 to 1, three decimals.", nullable=True),
        Column("image_credits", "strings", "Who is credited for the article's pictures, as written."),
        Column("image_captions", "strings", "Captions of the article's pictures."),
        Column("topics", "strings", "Topic or tag names that the page gives the article."),
        Column("paragraph_count", "int32", "Paragraphs in `body`, sub-headings included."),
        Column(
            "word_count",
            "int32",
            "Unicode words in lead and body (characters for Chinese, Japanese, Thai, Lao, Khmer, Burmese).",
        ),
        Column("char_count", "int32", "Characters (code points) in lead and body."),
        Column(
            "content_hash",
            "string",
            "Hash of lead and body, case- and space-folded: equal text, equal hash (32 hex digits).",
        ),
        Column("is_truncated", "bool", "The page shows only the beginning of the article (paywall, teaser)."),
        Column(
            "media_type",
            "string",
            "Media type of the document: `text/plain`, `text/html`, `application/nitf+xml`, "
            "`application/vnd.iptc.g2.newsitem+xml` (NewsML-G2) or `application/ninjs+json`.",
        ),
        Column("charset", "string", "Character encoding that the bytes were decoded with."),
        _SOURCE_URI,
        _SOURCE_OFFSET,
        Column("source_length", "int64", "Length of the document in bytes of that stream."),
        Column("parser_version", "string", "Package version and hash of the transform's code and data."),
    ),
)

RELATED_ITEMS = Table(
    name="related_items",
    description="Other articles that a page points to: one row per item, in document order.",
    key=("article_id", "position"),
    columns=(
        INGEST_DATE,
        Column("article_id", "string", "The article whose page shows the item."),
        Column("position", "int32", "Order within the document, from 1."),
        Column("section", "string", "Section label or kicker of the item.", nullable=True),
        Column("title", "string", "Title of the item, without the phrase that introduces it."),
        Column("teaser", "string", "Teaser text of the item.", nullable=True),
        Column("image_caption", "string", "Caption or alternative text of the item's picture.", nullable=True),
        Column("url", "string", "Address that the item links to.", nullable=True),
    ),
)

AGENCIES = Table(
    name="agencies",
    description="Who supplied text or pictures of an article: one row per credit, in document order.",
    key=("article_id", "position"),
    columns=(
        INGEST_DATE,
        Column("article_id", "string", "The article that carries the credit."),
        Column("position", "int32", "Order within the document, from 1."),
        Column(
            "agency_code",
            "string",
            "Code of the agency in the registry; `editorial` and `agencies` for the generic credits.",
        ),
        Column(
            "agency_name",
            "string",
            "Name of the agency; for editorial and generic credits the words as written.",
        ),
        Column(
            "country",
            "string",
            "ISO 3166-1 alpha-2 code of the agency's seat; null for editorial and generic.",
            nullable=True,
        ),
        Column("kind", "string", "What kind of supplier it is.", codes=AGENCY_KINDS),
        Column("scope", "string", "What the credit is for, and where it stands.", codes=AGENCY_SCOPES),
        Column(
            "evidence",
            "string",
            "The naming words, verbatim from the decoded, NFC-normalised text; in HTML, XML and JSON from the "
            "text that is read.",
        ),
    ),
)

REJECTS = Table(
    name="rejects",
    description="Every document and every row that did not become part of the tables, with the reason.",
    key=("source_uri", "source_offset", "code", "row_table", "row_key"),
    columns=(
        INGEST_DATE,
        _SOURCE_URI,
        _SOURCE_OFFSET,
        Column("code", "string", "Stable code of the reason; see the list of codes."),
        Column(
            "row_table",
            "string",
            "Table of the row that was taken out; `documents` where the whole document never became a row.",
            codes=("documents", "articles", "related_items", "agencies"),
        ),
        Column(
            "row_key",
            "string",
            "Key of the row (`article_id` or `article_id/position`); empty for documents.",
        ),
        Column(
            "document_id",
            "string",
            "Id of the document; null where its bytes could not be read whole.",
            nullable=True,
        ),
        Column("stage", "string", "Stage that rejected it.", codes=STAGES),
        Column("message", "string", "What was wrong, in words."),
        Column("source_length", "int64", "Length of the document in bytes, where known.", nullable=True),
        Column(
            "row_json",
            "string",
            "The whole row as JSON, for rows; for an article with its children.",
            nullable=True,
        ),
    ),
)

RUNS = Table(
    name="runs",
    description="One row per published day: counts of every outcome and the versions that made them.",
    key=(),
    columns=(
        INGEST_DATE,
        Column("files", "int64", "Files found in the landing day."),
        Column("documents", "int64", "Documents accounted for: articles + rejected_documents."),
        Column("articles", "int64", "Rows in `articles`."),
        Column("related_items", "int64", "Rows in `related_items`."),
        Column("agencies", "int64", "Rows in `agencies`."),
        Column("rejected_documents", "int64", "Documents that did not become an article."),
        Column("rejected_rows", "int64", "Related items and agencies taken out by a rule."),
        Column("reject_counts", "string", "Rows in `rejects` by code, as a JSON object with sorted keys."),
        Column(
            "input_fingerprint",
            "string",
            "Hash of the sorted (source_uri, source_offset, document_id) of the day (32 hex digits).",
        ),
        Column("parser_version", "string", "Package version and hash of the transform's code and data."),
        Column("schema_version", "int32", "Version of this registry's schemas."),
        Column("suites_version", "string", "Hash of the suites in `expectations/`."),
        Column("settings_fingerprint", "string", "Hash of the settings that decide about data."),
    ),
)

TABLES: dict[str, Table] = {t.name: t for t in (ARTICLES, RELATED_ITEMS, AGENCIES, REJECTS, RUNS)}
"""All published tables, by name, in the order of the data dictionary."""

RECORD_TABLES = (ARTICLES, RELATED_ITEMS, AGENCIES)
"""The tables that `transform` fills and `validate` judges."""

STAGED_ONLY: dict[str, tuple[Column, ...]] = {
    ARTICLES.name: (
        Column("date_evidence_found", "bool", "`published_evidence` stands in the document.", nullable=True),
    ),
    AGENCIES.name: (Column("evidence_found", "bool", "`evidence` stands in the document.", nullable=True),),
}
"""Columns that `transform` tells `validate` and nobody else; null where it could not be looked up."""


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a published table: exact types, nullability, and descriptions as field metadata."""
    fields = [
        pa.field(c.name, c.arrow_type, nullable=c.nullable, metadata={"description": c.description})
        for c in table.columns
    ]
    metadata = {"table": table.name, "description": table.description, "schema_version": str(SCHEMA_VERSION)}
    return pa.schema(fields, metadata=metadata)


@cache
def staged_schema(table: Table) -> pa.Schema:
    """The schema of a record table's part files in the work folder.

    It is the published schema without `ingest_date` (the day is the same for all) and with `source_uri` and
    `source_offset` on child rows too, so that copies of one document can be told apart until one is chosen; and with
    the columns of `STAGED_ONLY`.
    """
    fields = [f for f in arrow_schema(table) if f.name != INGEST_DATE.name]
    names = {f.name for f in fields}
    fields += [
        pa.field(c.name, c.arrow_type, nullable=c.nullable)
        for c in (_SOURCE_URI, _SOURCE_OFFSET)
        if c.name not in names
    ]
    fields += [pa.field(c.name, c.arrow_type, nullable=c.nullable) for c in STAGED_ONLY.get(table.name, ())]
    return pa.schema([f.remove_metadata() for f in fields])
