"""`report.html`: what a run found and saw, as one page for people."""
