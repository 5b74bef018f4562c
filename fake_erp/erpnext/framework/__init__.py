"""What Frappe does with every document: schema, names, checks, life, links. No business, no route."""
