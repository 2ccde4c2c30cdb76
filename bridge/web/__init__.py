"""HTTP in: the receiver and the health pages as WSGI applications, and the gunicorn worker that serves them.

Both also run under a server of one's own: gunicorn 'bridge.web:create_app()'.
"""

from __future__ import annotations

from bridge.web.admin import admin_app, create_admin_app
from bridge.web.app import create_app, receiver_app

__all__ = ["admin_app", "create_admin_app", "create_app", "receiver_app"]
