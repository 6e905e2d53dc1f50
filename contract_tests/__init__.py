"""The scenes: what is sent to a server, in which order, and why: `vogent-contract test`."""
