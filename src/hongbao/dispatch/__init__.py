"""Where books and rails meet: what is due is claimed, called, decided about and recorded."""
