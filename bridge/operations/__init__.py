"""For the person who runs the service: how things stand, what is wrong, who says so, and what is deleted."""
