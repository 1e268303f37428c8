"""The ways of paying: the port that the engine uses, and each rail behind it."""
