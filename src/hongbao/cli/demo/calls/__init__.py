"""The demo of single calls: every kind of packet sent, claimed, returned and accounted for."""
