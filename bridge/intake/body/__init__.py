"""The body of a request as JSON values, whichever form it came in, within bounds."""
