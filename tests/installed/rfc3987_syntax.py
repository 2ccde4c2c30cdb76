"""Users have no rfc3987_syntax. A tool of ours brings it in, and jsonschema then imports it: a second of grammars."""

raise ImportError("rfc3987_syntax is not a part of the service")
