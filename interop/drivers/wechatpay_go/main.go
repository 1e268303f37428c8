// Drives wechatpay-go by its raw calls: one JSON step a line in, one JSON outcome a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

type step struct {
	Call     string         `json:"call"`
	Payer    map[string]any `json:"payer"`
	Private  string         `json:"private_key"`
	Public   string         `json:"public_key"`
	Proxy    string         `json:"proxy_url"`
	Transfer map[string]any `json:"transfer"`
}

type outcome struct {
	Kind  string `json:"kind"`
	Code  string `json:"code"`
	State string `json:"state"`
	Value string `json:"value"`
}

const bills = "https://api.mch.weixin.qq.com/v3/fund-app/mch-transfer/transfer-bills"

func client(s step) (*core.Client, error) {
	private, err := utils.LoadPrivateKey(s.Private)
	if err != nil {
		return nil, err
	}
	public, err := utils.LoadPublicKey(s.Public)
	if err != nil {
		return nil, err
	}
	proxy, err := url.Parse(s.Proxy)
	if err != nil {
		return nil, err
	}
	text := func(name string) string { return s.Payer[name].(string) }
	return core.NewClient(context.Background(),
		option.WithWechatPayPublicKeyAuthCipher(text("mch_id"), text("serial_no"), private, text("public_key_id"), public),
		option.WithHTTPClient(&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}),
	)
}

func call(s step) outcome {
	made, err := client(s)
	if err != nil {
		return outcome{Kind: "error", Value: err.Error()}
	}
	all, number := context.Background(), fmt.Sprint(s.Transfer["out_bill_no"])
	var result *core.APIResult
	switch s.Call {
	case "transfer":
		result, err = made.Post(all, bills, s.Transfer)
	case "query":
		result, err = made.Get(all, bills+"/out-bill-no/"+number)
	case "cancel":
		result, err = made.Post(all, bills+"/out-bill-no/"+number+"/cancel", nil)
	}
	var refused *core.APIError
	if errors.As(err, &refused) {
		return outcome{Kind: "refused", Code: refused.Code}
	}
	if err != nil {
		return outcome{Kind: "error", Value: fmt.Sprintf("%T: %v", err, err)}
	}
	body, err := io.ReadAll(result.Response.Body)
	if err != nil {
		return outcome{Kind: "error", Value: err.Error()}
	}
	var said map[string]any
	if err := json.Unmarshal(body, &said); err != nil {
		return outcome{Kind: "error", Value: err.Error()}
	}
	return outcome{Kind: "result", State: fmt.Sprint(said["state"])}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var s step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			panic(err)
		}
		if err := answers.Encode(call(s)); err != nil {
			panic(err)
		}
	}
}
