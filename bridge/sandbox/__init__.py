"""A faithful local Zoho Marketing Automation, written from Zoho's pages and independent of the client.

It is for the demo, for tests and for anybody's development: documented parameters, limits, locks, error codes and
answers; where the pages are silent a setting decides. It holds everything in memory.
"""

from bridge.sandbox.account import Account, default_account
from bridge.sandbox.account_file import read_account
from bridge.sandbox.app import create_app
from bridge.sandbox.server import running, serve
from bridge.sandbox.settings import LockAnswer, SandboxSettings

__all__ = [
    "Account",
    "LockAnswer",
    "SandboxSettings",
    "create_app",
    "default_account",
    "read_account",
    "running",
    "serve",
]
