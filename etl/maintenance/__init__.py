"""Upkeep of a warehouse: remove what nothing needs any more, compare files with their recorded hashes."""
