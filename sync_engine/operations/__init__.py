"""What people who run the engine see of it and do about it: errors, health, logs, metrics, traces."""
