"""The second station: an event and its hook's mapping become leadinfo (Subscribe) and details (Trigger Leads)."""
