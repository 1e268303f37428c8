"""Checkpoints: the content of the books at one moment, signed and kept outside the database.

They are C2SP tlog-checkpoints (https://c2sp.org/tlog-checkpoint): signed notes
(https://c2sp.org/signed-note) over the root of a tree of RFC 6962. So a checkpoint can be verified
without this package, and without the books.
"""
