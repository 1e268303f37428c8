"""WeChat's side of the wire: TLS, HTTP and the life of connections, in front of ``app``."""
