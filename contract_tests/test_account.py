"""Where the run starts: what is in the account, what is for sale."""

from vogent_contract.suite.api import Api
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies


def test_the_account_can_be_listed(run: Run, api: Api) -> None:
    """The list shows the account as it was before the run."""
    api.walk()
    for key in list(run.account.numbers)[-1:]:
        api.get(key)


def test_numbers_are_for_sale(supplies: Supplies) -> None:
    """A search gives numbers that can be bought."""
    supplies.offer()


def test_there_is_something_to_work_with(supplies: Supplies) -> None:
    """A phone number can be added, linked to an agent and read."""
    supplies.linked_subject()
