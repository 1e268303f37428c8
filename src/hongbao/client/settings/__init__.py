"""Settings as files and the environment have them: read by one set of tables, wrong ones named."""
