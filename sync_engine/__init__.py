"""The reference sync engine: middleware between a CRM and an ERP, driven by a data dictionary. Imports nothing of the harness."""
