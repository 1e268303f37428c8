"""The client of V3 merchant transfers: one logic, two drivers."""
