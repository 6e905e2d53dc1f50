"""Measures which broken servers the suite finds: `python -m tests.detection`."""
