"""Red packets of the APIv2, the first way of paying."""
