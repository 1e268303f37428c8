"""``hongbao payout``: payouts are found, listed, looked at one by one, and acted on."""
