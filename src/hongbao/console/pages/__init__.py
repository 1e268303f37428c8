"""The pages, a module each: they look at the books and render, or change one thing and lead on."""
