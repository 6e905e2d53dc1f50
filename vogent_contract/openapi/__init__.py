"""The one reader of the contract: its document, schemas, operations, and what breaks them."""

from vogent_contract.openapi.anchor import anchor
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError, Document
from vogent_contract.openapi.json_text import json_type, parse_json
from vogent_contract.openapi.load import load
from vogent_contract.openapi.operation import (
    METHODS,
    Body,
    Contract,
    Operation,
    Parameter,
    Reading,
    Request,
    Response,
    media_type,
)
from vogent_contract.openapi.schema import ANY, MISSING, Position, Schema, Violation

__all__ = [
    "ANY",
    "DEFAULT_PATH",
    "METHODS",
    "MISSING",
    "Body",
    "Contract",
    "ContractError",
    "Document",
    "Operation",
    "Parameter",
    "Position",
    "Reading",
    "Request",
    "Response",
    "Schema",
    "Violation",
    "anchor",
    "json_type",
    "load",
    "media_type",
    "parse_json",
]
