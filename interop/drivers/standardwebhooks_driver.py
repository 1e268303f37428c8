"""Verifies webhooks with PyPI's library: one JSON step a line in, one JSON outcome a line out."""

import json
import sys

from standardwebhooks.webhooks import Webhook

for line in sys.stdin:
    step = json.loads(line)
    try:
        Webhook(step["secret"]).verify(step["body"], step["headers"])
        accepted = True
    except Exception:  # noqa: BLE001  # whatever it says, it does not accept it
        accepted = False
    print(json.dumps({"accepted": accepted}), flush=True)
