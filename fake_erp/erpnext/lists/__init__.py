"""Lists: fields, filters, order and pages."""
