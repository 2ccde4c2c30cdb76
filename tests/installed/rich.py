"""Users have no rich. A tool of ours brings it in, and structlog then imports it: a fifth of each process's start."""

raise ImportError("rich is not a part of the service")
