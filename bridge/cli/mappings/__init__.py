"""Commands for the person who writes mappings."""
