"""What Zoho's pages leave open, asked of a real account."""
