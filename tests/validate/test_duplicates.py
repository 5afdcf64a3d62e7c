import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from etl.validate.duplicates import resolve

Address = tuple[str, str, int]

SCHEMA = pa.schema([("article_id", pa.string()), ("source_uri", pa.string()), ("source_offset", pa.int64())])

addresses = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["d/a.txt", "d/ä.txt", "d/a.tar!b"]), st.integers(0, 12)),
    unique_by=lambda address: address[1:],
    max_size=20,
)


def table(rows: list[Address]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


@given(addresses)
def test_the_smallest_address_of_each_document_survives(rows: list[Address]) -> None:
    copies = resolve(table(rows))
    smallest = {i: min((uri.encode(), offset) for j, uri, offset in rows if j == i) for i, _, _ in rows}
    assert copies.survives.tolist() == [smallest[i] == (uri.encode(), offset) for i, uri, offset in rows]
    for row in copies.duplicates.to_pylist():
        assert (row["kept_uri"].encode(), row["kept_offset"]) == smallest[row["article_id"]]
    assert copies.articles.num_rows + copies.duplicates.num_rows == len(rows)


@given(st.data())
def test_the_order_of_rows_does_not_matter(data: st.DataObject) -> None:
    rows = data.draw(addresses)
    shuffled = data.draw(st.permutations(rows))
    assert resolve(table(rows)).duplicates.equals(resolve(table(shuffled)).duplicates)


def test_rows_that_agree_in_everything_are_left_to_the_key_rule() -> None:
    copies = resolve(table([("a", "x", 0), ("a", "x", 0), ("a", "y", 0)]))
    assert copies.survives.tolist() == [True, True, False]
