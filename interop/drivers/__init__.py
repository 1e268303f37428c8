"""One small driver an SDK: reads a step a line from stdin, writes what came of it to stdout."""
