"""People at ERPNext's screens."""
