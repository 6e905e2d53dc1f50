"""Correct servers that share nothing with the kit: the proof that the suite accuses none.

Each folder is one server, or one with a table of habits. It is started by a context manager that
takes an API key and gives the base URL.
"""
