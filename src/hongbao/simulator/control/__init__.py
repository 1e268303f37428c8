"""The control port: HTTP and JSON for whoever plays the rest of the world."""
