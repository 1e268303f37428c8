"""V3 merchant transfers (商家转账) as a rail: the receiver confirms, plain or as a red packet."""
