"""Webhooks: what happened to payouts and campaigns, posted to URLs of other programs, signed."""
