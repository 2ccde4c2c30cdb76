"""The main job on one machine, with nothing but this package: real processes, real HTTP, a local Zoho."""
