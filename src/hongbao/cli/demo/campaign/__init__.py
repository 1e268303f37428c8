"""The demo of a campaign: a list is paid on a simulated WeChat, whatever breaks on the way."""
