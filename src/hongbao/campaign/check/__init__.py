"""A list is read and judged as a whole, before anything of it is stored."""
