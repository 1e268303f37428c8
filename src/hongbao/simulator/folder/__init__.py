"""The simulator's folder: its certificate authority, its merchants' files, and no one else's."""
