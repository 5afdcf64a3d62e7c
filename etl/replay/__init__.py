"""Replay: run documents again that were rejected, without running their whole days again."""
