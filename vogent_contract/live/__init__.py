"""What may happen to somebody's account: policy, ledger, release."""
