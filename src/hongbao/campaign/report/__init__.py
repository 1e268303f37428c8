"""What became of a campaign: a table with a line for each payout, and a summary that adds up."""
