"""``hongbao explain-sign``: what a request signs, field by field, and what went wrong."""
