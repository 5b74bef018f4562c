"""One small client per vendor: build requests, read replies, say how a call ended. No rule of the integration lives here."""
