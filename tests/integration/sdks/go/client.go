package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func transportTo(address string) (mcp.Transport, error) {
	if strings.HasPrefix(address, "[") {
		var command []string
		if err := json.Unmarshal([]byte(address), &command); err != nil {
			return nil, err
		}
		child := exec.Command(command[0], command[1:]...)
		child.Stderr = os.Stderr
		return &mcp.CommandTransport{Command: child}, nil
	}
	if strings.HasSuffix(address, "/sse") {
		return &mcp.SSEClientTransport{Endpoint: address}, nil
	}
	return &mcp.StreamableClientTransport{Endpoint: address}, nil
}

func textOf(result *mcp.CallToolResult) string {
	return result.Content[0].(*mcp.TextContent).Text
}

func tour(address, prefix, version string) error {
	transport, err := transportTo(address)
	if err != nil {
		return err
	}
	ctx, end := context.WithTimeout(context.Background(), 90*time.Second)
	defer end()
	// The SDK handles notifications on its own time; what a call reported may come just after its answer.
	counting, endless := make(chan float64, 100), make(chan float64, 10000)
	client := mcp.NewClient(&mcp.Implementation{Name: "tour-go", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, request *mcp.ProgressNotificationClientRequest) {
			if request.Params.ProgressToken == "counting" {
				counting <- request.Params.Progress
			} else {
				endless <- request.Params.Progress
			}
		},
	})
	session, err := client.Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		return err
	}
	defer session.Close()
	seen := map[string]any{
		"version": session.InitializeResult().ProtocolVersion,
		"server":  session.InitializeResult().ServerInfo.Name,
	}

	tools := []string{}
	for tool, err := range session.Tools(ctx, nil) {
		if err != nil {
			return err
		}
		tools = append(tools, tool.Name)
	}
	seen["tools"] = tools

	echoed, err := session.CallTool(ctx, &mcp.CallToolParams{Name: prefix + "echo", Arguments: map[string]any{"text": "grün"}})
	if err != nil {
		return err
	}
	seen["echoed"] = textOf(echoed)

	call := &mcp.CallToolParams{Name: prefix + "count", Arguments: map[string]any{"steps": 3, "ms": 5}}
	call.SetProgressToken("counting")
	counted, err := session.CallTool(ctx, call)
	if err != nil {
		return err
	}
	seen["counted"] = textOf(counted)
	progress := []float64{}
	for len(progress) < 3 {
		select {
		case step := <-counting:
			progress = append(progress, step)
		case <-ctx.Done():
			return errors.New("the progress of a call did not arrive")
		}
	}
	seen["progress"] = progress

	contents := []string{}
	for resource, err := range session.Resources(ctx, nil) {
		if err != nil {
			return err
		}
		read, err := session.ReadResource(ctx, &mcp.ReadResourceParams{URI: resource.URI})
		if err != nil {
			return err
		}
		contents = append(contents, read.Contents[0].Text)
	}
	seen["contents"] = contents

	prompt, err := session.GetPrompt(ctx, &mcp.GetPromptParams{Name: prefix + "greet", Arguments: map[string]string{"who": "Ada"}})
	if err != nil {
		return err
	}
	seen["prompt"] = prompt.Messages[0].Content.(*mcp.TextContent).Text

	_, err = session.CallTool(ctx, &mcp.CallToolParams{Name: prefix + "fault"})
	var refused *jsonrpc.Error
	if errors.As(err, &refused) {
		seen["error"] = refused.Code
	}

	// A call is given up when its first progress shows that it runs.
	cancelable, cancel := context.WithCancel(ctx)
	defer cancel()
	call = &mcp.CallToolParams{Name: prefix + "count", Arguments: map[string]any{"steps": 1000, "ms": 30}}
	call.SetProgressToken("endless")
	ended := make(chan error, 1)
	go func() {
		_, err := session.CallTool(cancelable, call)
		ended <- err
	}()
	select {
	case <-endless:
	case <-ctx.Done():
		return errors.New("the progress of a call to be cancelled did not arrive")
	}
	cancel()
	seen["cancelled"] = errors.Is(<-ended, context.Canceled)
	return json.NewEncoder(os.Stdout).Encode(seen)
}
