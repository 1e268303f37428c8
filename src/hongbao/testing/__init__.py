"""What tests need: a simulated WeChat as a pytest fixture, transports without a socket.

The fixtures come by themselves; see ``plugin``. The rest is imported from where it stands:
``memory``, ``wechat``, ``control_client``. It is the only package that knows both the client and
the simulator.
"""
