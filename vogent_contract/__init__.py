"""The contract kit: one OpenAPI document drives a mock, faulty servers and a conformance suite."""
