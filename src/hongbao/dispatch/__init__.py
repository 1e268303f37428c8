"""Where the books and WeChat meet: what is due is claimed, called, decided about and recorded."""
