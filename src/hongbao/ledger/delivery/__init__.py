"""Who is told what happens, and the queue of what has not arrived there yet."""
