"""Totals that are counted as things happen, and the progress of long jobs."""
