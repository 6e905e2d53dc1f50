"""The reference as one offline page."""
