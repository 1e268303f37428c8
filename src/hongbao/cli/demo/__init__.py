"""``hongbao demo``: a list of packets of all kinds, sent to a simulated WeChat and settled."""
