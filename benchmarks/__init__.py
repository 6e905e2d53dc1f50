"""Measured ratios against peers."""
