"""Campaigns as people have them: a list goes in, is checked as a whole, and a report comes out."""
