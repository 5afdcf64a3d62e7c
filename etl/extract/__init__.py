"""Find a day's files, cut them into batches, and stage their decoded text."""
