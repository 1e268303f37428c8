"""The console: pages for people who make, check and follow campaigns.

It never calls WeChat, and changes nothing but through the books' own verbs.
"""
