"""Commands of a first try: the demonstration and a local Zoho."""
