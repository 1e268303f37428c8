"""What stands before every page: where a request is from, and what browsers may do with a page."""
