"""Fakes, one folder a vendor; see each README.md for what is modelled."""
