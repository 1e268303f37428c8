"""Finds what disagrees in the books: histories, rows, totals, tables."""
