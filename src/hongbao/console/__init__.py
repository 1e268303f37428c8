"""The console: pages for people who make, check and follow campaigns, over the engine and the views.

It never calls WeChat, and changes nothing but through the books' own verbs.
"""
