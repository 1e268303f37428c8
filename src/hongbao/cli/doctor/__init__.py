"""``hongbao doctor``: whether a merchant is fit to pay, found out without moving money."""
