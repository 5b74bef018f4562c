"""One world in virtual time: an event loop that jumps, a network between clients and fakes, an engine that can be killed."""
