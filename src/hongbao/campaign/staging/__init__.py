"""The rows of a list between its check and the books: on disk, as columns, and as a table."""
