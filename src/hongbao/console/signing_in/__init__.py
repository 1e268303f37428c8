"""How people show who they are: password, second factor, and the cookie of their browser."""
