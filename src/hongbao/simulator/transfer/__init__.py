"""WeChat's V3 side: merchant transfers in the same world as red packets."""
