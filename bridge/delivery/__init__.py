"""The delivery pipeline: from waiting deliveries to calls, within the limits of Zoho."""
