"""Lists become payouts: each key once, with its number and its first event."""
