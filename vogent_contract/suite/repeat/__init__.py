"""For each finding the calls that lead to it from an empty account, as a shell script."""
