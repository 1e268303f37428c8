"""The fixtures of the tests of lists and reports."""

from __future__ import annotations
