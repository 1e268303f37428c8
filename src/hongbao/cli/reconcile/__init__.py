"""``hongbao reconcile``: WeChat's bills against the books."""
