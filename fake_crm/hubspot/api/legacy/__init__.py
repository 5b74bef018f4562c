"""The v1 and v2 routes that taps, no-code tools and old wrappers still call, over the same records and write rules as v3.

Source: facts sections 14 and 15, and what the n8n node and the singer tap send (their public sources).
"""
