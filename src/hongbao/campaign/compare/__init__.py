"""What the books have of a list already; they are only read."""
