"""What people decide: about campaigns, about one payout, about a merchant's channel."""
