"""Measurements: each prints what it measured beside its reference, taken in the same run."""
