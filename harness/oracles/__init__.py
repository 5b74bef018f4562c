"""What "in sync" means: one promise per file, each a pure function from a run's history to findings."""
