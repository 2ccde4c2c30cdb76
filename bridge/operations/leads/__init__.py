"""What happened to a lead, why, and what did not arrive."""
