"""WeChat's fund-flow bill (资金账单): read, written and asked for.

It takes a bill at its word, and matches nothing with any ledger.
"""
