// A client and a server on the official Go SDK.
//
// Usage: tour client ADDRESS PREFIX [VERSION]: prints one line of JSON with what was seen. ADDRESS is a URL (HTTP+SSE if it ends
// with /sse), or a JSON array: a command that speaks stdio. VERSION is the protocol version to ask for, else the newest.
//
//	tour server [PORT]: serves over stdio, or over streamable HTTP at http://127.0.0.1:PORT/mcp.
package main

import (
	"fmt"
	"os"
)

func main() {
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) >= 3 && arguments[0] == "client":
		err = tour(arguments[1], arguments[2], append(arguments, "")[3])
	case len(arguments) >= 1 && arguments[0] == "server":
		err = serve(append(arguments, "")[1])
	default:
		err = fmt.Errorf("usage: tour client ADDRESS PREFIX [VERSION] | tour server [PORT]")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
