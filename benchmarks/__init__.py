"""Measurements: each prints what it measured next to its reference, taken in the same run."""
