"""The simulator's folder: its certificate authority and its merchants' files."""
