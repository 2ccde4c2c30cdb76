"""How well the shipping pacing rule does, in simulated time, on traces that anyone can rebuild."""
