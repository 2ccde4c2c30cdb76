"""What makes a time unreadable."""


class UnreadableTime(Exception):  # noqa: N818 - it is a finding about a value, not a failure
    """A text or number that is not a time (`bad_date`), or could be several (`ambiguous_date`); `fix` says how."""

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        self.code, self.fix = code, fix
        super().__init__(message)
