"""SDKs that others wrote, unmodified, against the simulator over real TLS.

Client and simulator share ``wire/``, so one bug on both sides would cancel out. Only code that
nobody here wrote can show that both are right. ``make interop`` runs it; see ``docs/interop.md``.
"""
