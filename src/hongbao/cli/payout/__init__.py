"""``hongbao payout``: one payout, its history, and what a person can do about it."""
