"""What the rows of a list mean, and whether they are right: no books, no other row."""
