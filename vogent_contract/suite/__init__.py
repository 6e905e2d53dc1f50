"""What judges a server: exchanges, rules, evidence, findings, reports."""
