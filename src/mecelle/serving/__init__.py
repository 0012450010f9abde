"""The search service: one set of calls behind an HTTP interface, a page and an MCP server."""
