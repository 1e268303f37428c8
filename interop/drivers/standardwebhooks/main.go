// Verifies webhooks with Go's library: one JSON step a line in, one JSON outcome a line out.
package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

type step struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

func accepted(one step) bool {
	hook, err := standardwebhooks.NewWebhook(one.Secret)
	if err != nil {
		return false
	}
	headers := http.Header{}
	for name, value := range one.Headers {
		headers.Set(name, value)
	}
	return hook.Verify([]byte(one.Body), headers) == nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var one step
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		if err := out.Encode(map[string]bool{"accepted": accepted(one)}); err != nil {
			panic(err)
		}
	}
}
