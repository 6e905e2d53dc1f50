"""Every rule that the suite holds a server to, one function each, asked after each exchange.

A rule says what it promises, and why it is assumed if the vendor does not document it. It looks
at one exchange and at what earlier answers told of the account, and yields what is wrong. A new
rule is one more function with `@rule` in one of the modules that are imported here.
"""

# In this order they are asked: what is wrong with an answer by itself comes first.
from vogent_contract.suite.rules import exchange, lists, numbers

# isort: split
from vogent_contract.suite.rules import accepts
from vogent_contract.suite.rules.table import RULES, Rule

__all__ = ["RULES", "Rule", "accepts", "exchange", "lists", "numbers"]
