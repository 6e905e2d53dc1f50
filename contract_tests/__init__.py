"""The scenes: what is sent to a server, in which order, and why. Run them with `vogent-contract test`."""
