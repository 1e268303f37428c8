"""Stores lists as payouts: each key once, with its number and its first event."""
