"""The versions of the schema, each with its own frozen statements. Applied ones never change."""
