"""One module and one SQL file a database for each version."""
