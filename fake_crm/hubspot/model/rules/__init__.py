"""What HubSpot does by itself when a record of a type is written, and what it refuses: one file for each kind of record."""
