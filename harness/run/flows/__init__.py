"""Business flows: what simulated people do. A user's own module may be named as `package.module:Class`."""
