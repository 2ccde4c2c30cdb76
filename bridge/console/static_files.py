"""The console's own style sheet, script and icon: read once, at addresses that change with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Response, url_for
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from flask import Flask

FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def serve_static(app: Flask) -> None:
    """Serve the files of `static/`, for good, and give templates `static("console.css")`."""
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in _TYPES}
    digests = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in files.items()}

    def static_file(digest: str, name: str) -> Response:
        if name not in files:
            raise NotFound
        response = Response(files[name], content_type=_TYPES[Path(name).suffix])
        is_this = digest == digests[name]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_this else "no-cache"
        return response

    app.add_url_rule("/static/<digest>/<name>", "static_file", static_file, methods=["GET"])
    app.jinja_env.globals["static"] = lambda name: url_for("static_file", digest=digests[name], name=name)
