"""The accounts of the console: who may sign in, who is signed in, and what they did."""
