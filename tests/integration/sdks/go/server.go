package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type echoed struct {
	Text string `json:"text"`
}

type counted struct {
	Steps int `json:"steps"`
	Ms    int `json:"ms"`
}

func text(value string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: value}}}
}

// Reports each step as progress and as a line of the log.
func count(ctx context.Context, request *mcp.CallToolRequest, in counted) (*mcp.CallToolResult, any, error) {
	for step := 1; step <= in.Steps; step++ {
		line := fmt.Sprintf("step %d", step)
		if token := request.Params.GetProgressToken(); token != nil {
			report := &mcp.ProgressNotificationParams{ProgressToken: token, Progress: float64(step), Total: float64(in.Steps), Message: line}
			if err := request.Session.NotifyProgress(ctx, report); err != nil {
				return nil, nil, err
			}
		}
		if err := request.Session.Log(ctx, &mcp.LoggingMessageParams{Level: "info", Logger: "go", Data: line}); err != nil {
			return nil, nil, err
		}
		time.Sleep(time.Duration(in.Ms) * time.Millisecond)
	}
	return text(fmt.Sprintf("counted to %d", in.Steps)), nil, nil
}

func newServer() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "go", Version: "1"}, &mcp.ServerOptions{Instructions: "Speak Go."})
	var cancelled atomic.Int64
	mcp.AddTool(server, &mcp.Tool{Name: "echo", Description: "Gives back its text"},
		func(_ context.Context, _ *mcp.CallToolRequest, in echoed) (*mcp.CallToolResult, any, error) {
			return text(in.Text), nil, nil
		})
	mcp.AddTool(server, &mcp.Tool{Name: "count", Description: "Counts with progress"}, count)
	mcp.AddTool(server, &mcp.Tool{Name: "fail", Description: "A tool that fails"},
		func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
			return nil, nil, fmt.Errorf("it failed")
		})
	mcp.AddTool(server, &mcp.Tool{Name: "fault", Description: "An error of the protocol"},
		func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
			return nil, nil, &jsonrpc.Error{Code: -32055, Message: "a fault of our own"}
		})
	mcp.AddTool(server, &mcp.Tool{Name: "hang", Description: "Reports progress once and waits to be cancelled"},
		func(ctx context.Context, request *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
			report := &mcp.ProgressNotificationParams{ProgressToken: request.Params.GetProgressToken(), Progress: 1}
			if err := request.Session.NotifyProgress(ctx, report); err != nil {
				return nil, nil, err
			}
			<-ctx.Done()
			cancelled.Add(1)
			return nil, nil, ctx.Err()
		})
	mcp.AddTool(server, &mcp.Tool{Name: "cancelled", Description: "How many calls of hang were cancelled"},
		func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
			return text(strconv.FormatInt(cancelled.Load(), 10)), nil, nil
		})
	server.AddResource(&mcp.Resource{URI: "note://one", Name: "one", MIMEType: "text/plain"},
		func(_ context.Context, request *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			uri := request.Params.URI
			return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: "text/plain", Text: "go: " + uri}}}, nil
		})
	server.AddPrompt(&mcp.Prompt{Name: "greet", Arguments: []*mcp.PromptArgument{{Name: "who", Required: true}}},
		func(_ context.Context, request *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			hello := &mcp.TextContent{Text: "Hello, " + request.Params.Arguments["who"] + "!"}
			return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: hello}}}, nil
		})
	return server
}

func serve(port string) error {
	server := newServer()
	if port == "" {
		return server.Run(context.Background(), &mcp.StdioTransport{})
	}
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
	http.Handle("/mcp", handler)
	return http.ListenAndServe("127.0.0.1:"+port, nil)
}
