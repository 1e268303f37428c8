"""WeChat's V2 protocol, sans-IO: values to bytes and back.

It has no socket, clock, dice, log, thread or file.
"""
