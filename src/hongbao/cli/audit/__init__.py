"""``hongbao audit``: the books held against themselves, and against checkpoints of them."""
