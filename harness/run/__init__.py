"""Scenario file → world → verdict. Fakes, engines and scenarios are reached by name, never by import."""
