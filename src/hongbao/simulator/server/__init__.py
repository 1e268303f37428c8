"""WeChat's side of the wire, in front of ``app``: TLS, HTTP and connections."""
