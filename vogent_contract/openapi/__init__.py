"""The one reader of `openapi.yaml`: operations, documented responses, schema positions, validators."""

from vogent_contract.openapi.document import ContractError, Document
from vogent_contract.openapi.operations import (
    Body,
    Contract,
    Operation,
    Parameter,
    Request,
    Response,
    load,
)
from vogent_contract.openapi.schemas import Position, Schema, Violation, parse_json

__all__ = [
    "Body",
    "Contract",
    "ContractError",
    "Document",
    "Operation",
    "Parameter",
    "Position",
    "Request",
    "Response",
    "Schema",
    "Violation",
    "load",
    "parse_json",
]
