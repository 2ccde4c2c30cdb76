"""Replay: a stored event through today's mapping, and what of it is to be sent.

`plan` decides and changes nothing; `carry_out` stores what was decided. A person who asks for a replay is shown the
plan first.
"""
