"""From a parsed body to events, by what a preset says of its sender."""
