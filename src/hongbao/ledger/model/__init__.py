"""Values and pure rules of the books: no database, no clock."""
