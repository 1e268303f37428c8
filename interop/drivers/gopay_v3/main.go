// Drives gopay's V3 transfers: one JSON step a line in, one JSON outcome a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/go-pay/gopay"
	wechat "github.com/go-pay/gopay/wechat/v3"
)

type step struct {
	Call     string         `json:"call"`
	Payer    map[string]any `json:"payer"`
	Private  string         `json:"private_key"`
	Public   string         `json:"public_key"`
	Transfer map[string]any `json:"transfer"`
}

type outcome struct {
	Kind  string `json:"kind"`
	Code  string `json:"code"`
	State string `json:"state"`
	Value string `json:"value"`
}

func client(s step) (*wechat.ClientV3, error) {
	text := func(name string) string { return s.Payer[name].(string) }
	made, err := wechat.NewClientV3(text("mch_id"), text("serial_no"), text("api_v3_key"), s.Private)
	if err != nil {
		return nil, err
	}
	made.SetProxyHost(text("base_url"))
	return made, made.AutoVerifySignByPublicKey([]byte(s.Public), text("public_key_id"))
}

// What it hands back, and beside an error too: the status, WeChat's code, and the state.
func call(s step) (status int, code, state string, err error) {
	made, err := client(s)
	if err != nil {
		return 0, "", "", err
	}
	all, number := context.Background(), fmt.Sprint(s.Transfer["out_bill_no"])
	switch s.Call {
	case "transfer":
		said := gopay.BodyMap{}
		for name, value := range s.Transfer {
			said.Set(name, value)
		}
		reply, failed := made.V3TransferBills(all, said)
		if reply != nil {
			status, code, state = reply.Code, reply.ErrResponse.Code, reply.Response.State
		}
		err = failed
	case "query":
		reply, failed := made.V3TransferBillsMerchantQuery(all, number)
		if reply != nil {
			status, code, state = reply.Code, reply.ErrResponse.Code, reply.Response.State
		}
		err = failed
	case "cancel":
		reply, failed := made.V3TransferBillsCancel(all, number)
		if reply != nil {
			status, code, state = reply.Code, reply.ErrResponse.Code, reply.Response.State
		}
		err = failed
	}
	return status, code, state, err
}

func carryOut(s step) outcome {
	status, code, state, err := call(s)
	if err != nil {
		return outcome{Kind: "error", Value: fmt.Sprintf("%T: %v", err, err)}
	}
	if status != wechat.Success {
		return outcome{Kind: "refused", Code: code, Value: fmt.Sprint(status)}
	}
	return outcome{Kind: "result", State: state}
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
		if err := answers.Encode(carryOut(s)); err != nil {
			panic(err)
		}
	}
}
