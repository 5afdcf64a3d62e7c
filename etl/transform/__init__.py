"""Turn a document into one record: pure functions over values, no files, no clock."""
