"""A worker as the command line runs it: its signals, and what is shown of it."""
