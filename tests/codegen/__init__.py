"""Tests of generate.sh, and of the clients that it makes of other contracts."""
