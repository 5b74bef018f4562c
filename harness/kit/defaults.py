"""What the command line and the control routes both fall back on. Imports nothing, for the command line starts with it."""

WEBHOOK_SECRET = "syncproof-webhook-secret"  # signs webhooks where nobody names another
