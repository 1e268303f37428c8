"""WeChat's protocols, sans-IO: values to bytes and back. V2's modules lie here; V3 in ``transfer``.

It has no socket, clock, dice, log, thread or file.
"""
