"""People at HubSpot's screens, and the files they export."""
