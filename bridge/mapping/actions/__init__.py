"""What is done for a lead: consent, the actions of a mapping and the deliveries they become."""
