"""Where the run starts: what is in the account, what is for sale."""

from vogent_contract.suite.run import Suite


def test_the_account_can_be_listed(suite: Suite) -> None:
    """The list shows the account as it was before the run."""
    suite.listing()
    for key in list(suite.world.numbers)[-1:]:
        suite.calls.get(key)


def test_numbers_are_for_sale(suite: Suite) -> None:
    """A search gives numbers that can be bought."""
    suite.offer()


def test_there_is_something_to_work_with(suite: Suite) -> None:
    """A phone number can be added, linked to an agent and read."""
    suite.linked_subject()
