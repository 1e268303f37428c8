"""What is due is claimed, leased and recorded."""
