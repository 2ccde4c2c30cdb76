"""Hooks: the folder of mapping files read, checked, held at its last good text, and reloaded while running."""
