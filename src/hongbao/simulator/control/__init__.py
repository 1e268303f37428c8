"""The control port: HTTP and JSON for a test that plays the rest of the world."""
