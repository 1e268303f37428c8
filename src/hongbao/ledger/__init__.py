"""The books: payouts, attempts, money. They have never heard of WeChat; ``book`` is their door."""
