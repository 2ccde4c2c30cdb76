"""Zoho's endpoints, one family a file: what a call must hold, what it does to the account, and its answer."""
