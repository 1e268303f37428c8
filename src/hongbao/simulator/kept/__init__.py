"""A world that outlives its process: what is written of it, where, and how it is read again."""
