"""The age of what is stored: purge, forget, backup, move and what follows a restore."""
