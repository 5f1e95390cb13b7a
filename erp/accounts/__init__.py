"""People, roles, site scope, sign-on, tokens, and the log of access."""
