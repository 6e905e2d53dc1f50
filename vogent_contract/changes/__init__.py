"""What an edit of the contract changes for callers, and what the vendor changed."""
