"""For users' tests: a simulated WeChat as a pytest fixture, and transports without a socket.

pytest finds the fixtures by itself; see ``plugin``. Import the rest from its modules: ``memory``,
``wechat``, ``control_client``. This is the only package that knows both the client and the
simulator.
"""
