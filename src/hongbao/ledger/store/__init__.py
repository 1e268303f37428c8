"""The tables, and what alone writes them: rows, histories and totals in one transaction."""
