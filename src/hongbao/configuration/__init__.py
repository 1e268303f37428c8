"""``hongbao.toml``: the database and the merchants, read, checked and turned into who pays."""
