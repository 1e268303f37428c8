"""A worker as the command line runs it: its clients, its books, its signals, what is shown."""
