"""The product beside other ways to take a webhook: how fast they answer, and what they still have after a kill."""
