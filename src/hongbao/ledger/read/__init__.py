"""How all stands, for whoever looks. Changes nothing."""
