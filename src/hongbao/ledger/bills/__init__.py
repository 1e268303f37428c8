"""Bills in the books: stored as they came, matched with payouts, and where they differ."""
