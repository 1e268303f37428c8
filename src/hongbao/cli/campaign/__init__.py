"""``hongbao campaign``: a list is checked, approved, paid and reported."""
