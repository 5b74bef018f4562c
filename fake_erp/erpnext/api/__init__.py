"""From requests to operations: documents as resources, functions by name."""
