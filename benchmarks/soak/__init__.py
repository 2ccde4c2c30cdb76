"""An hour of churn: does anything grow, and does anybody notice the purge?"""
