"""From what an event holds to the text of one field: sources, verbs, formats and conditions."""
