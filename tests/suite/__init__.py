"""Tests of the conformance suite as a program: options, exit codes, reports."""
