"""syncproof's product: what fakes are built from, the simulator, the oracles, the runner, the report."""

__version__ = "0.1.0"
