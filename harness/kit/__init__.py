"""What every fake is built from. No vendor name appears here, and nothing here knows the simulator or an oracle."""
