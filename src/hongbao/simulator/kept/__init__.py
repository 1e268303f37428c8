"""Keeps a world that outlives its process: what is saved, where, and how it is restored."""
