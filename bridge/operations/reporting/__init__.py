"""Alarms reported to people: as signed webhooks, in Slack and Teams, and by mail."""
