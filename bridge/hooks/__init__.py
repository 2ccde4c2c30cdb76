"""Hooks: the folder of mapping files read, judged, kept at its last good text, and taken up again while running."""
