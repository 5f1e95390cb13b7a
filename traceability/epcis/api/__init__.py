"""The standard's REST interface (EPCIS 2.0, OpenAPI 2.0.0), at ``/epcis``."""
