"""Runs workers for whoever has settings and books: a program, or the command line."""
