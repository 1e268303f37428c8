"""``hongbao send``: one packet of any kind."""
