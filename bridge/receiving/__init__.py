"""The receiving pipeline: a request becomes stored events and deliveries, and only then an answer."""
