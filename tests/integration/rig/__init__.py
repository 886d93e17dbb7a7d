"""What the integration tests stand on: the hub as a process, raw HTTP, MCP sessions of both eras, processes and places."""
