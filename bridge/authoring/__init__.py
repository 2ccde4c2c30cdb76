"""For the person who writes mappings: drafts, checks, examples made from what came, and the account they must fit."""
