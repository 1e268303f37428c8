"""Checkpoints: what the books held at one moment, signed and kept outside of the database.

They are C2SP tlog-checkpoints (https://c2sp.org/tlog-checkpoint): signed notes
(https://c2sp.org/signed-note) over the root of a tree of RFC 6962. So what this package writes can
be checked without it, and without the books.
"""
