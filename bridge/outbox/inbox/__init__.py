"""Requests and their events become durable, each event once."""
