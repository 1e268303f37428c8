"""Every fen of the books against WeChat's own bills: fetched, stored, matched; what differs."""
