"""Conformance suite for any server that says it keeps `openapi.yaml`: run it with `pytest contract_tests`."""
