"""The ways of paying: what the engine asks of any of them, and each of them by itself."""
