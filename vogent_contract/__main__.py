"""`python -m vogent_contract` is the command `vogent-contract`."""

import sys

from vogent_contract.cli import main

sys.exit(main())
