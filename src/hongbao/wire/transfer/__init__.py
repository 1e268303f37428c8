"""WeChat's V3 merchant transfer (商家转账), sans-IO: values to signed bytes and back.

The product whose user confirms, since 2025-01-15, and its look of a red packet, since 2026-05-12.
It has no socket, clock, dice, log, thread or file. Sources stand at the tables: page numbers are of
https://pay.weixin.qq.com/doc/v3/merchant/.
"""
