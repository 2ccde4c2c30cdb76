"""Verification: who sent a request, over its raw bytes and before anything is parsed."""
