"""Deliveries on their way to Zoho: lanes, claims, leases, the call window and what a finished call changes."""
