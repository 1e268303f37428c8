"""The fixtures of the tests of bills against the books: those of all tests."""
