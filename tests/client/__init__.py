"""Tests of the generated client: what it sends, gives, hides, promises to type checkers."""
