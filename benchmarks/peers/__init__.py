"""The product next to other ways to take a webhook: how fast they answer, and what they still have after a kill."""
