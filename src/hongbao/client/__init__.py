"""The client: one logic (``flows``) and two drivers (``sync``, ``asynchronous``)."""
