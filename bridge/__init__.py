"""Leadbridge: webhooks become leads and journeys in Zoho Marketing Automation, durably and within its limits."""

__version__ = "0.1.0"
