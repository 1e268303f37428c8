"""Who receives events, and the queue of what has not arrived there yet."""
