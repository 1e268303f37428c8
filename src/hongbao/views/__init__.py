"""How a campaign, a payout, a merchant, a check of a list, an audit looks: as JSON and in words.

Values in, values and text out: nothing here prints, asks, or reads the books.
"""
