// Drives gopay: one JSON step a line in, one JSON outcome a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/wechat"
)

type step struct {
	Call     string            `json:"call"`
	Payer    map[string]string `json:"payer"`
	Packet   map[string]string `json:"packet"`
	Fields   map[string]string `json:"fields"`
	Key      string            `json:"key"`
	SignType string            `json:"sign_type"`
	Document string            `json:"document"`
}

type outcome struct {
	Kind  string `json:"kind,omitempty"`
	Type  string `json:"type,omitempty"`
	Code  string `json:"code,omitempty"`
	Value any    `json:"value"`
}

var constants = map[string]map[string]string{
	"normal": {"client_ip": "127.0.0.1"},
	"group":  {"amt_type": "ALL_RAND"},
	"mini":   {"notify_way": "MINI_PROGRAM_JSAPI"},
	"query":  {"bill_type": "MCHT"},
}

func body(s step) gopay.BodyMap {
	said := gopay.BodyMap{}
	for _, fields := range []map[string]string{constants[s.Call], s.Packet} {
		for name, value := range fields {
			said.Set(name, value)
		}
	}
	said.Set("nonce_str", "interopinteropinteropinterop0001")
	if s.Call == "query" {
		said.Set("appid", s.Payer["app_id"])
	} else {
		said.Set("wxappid", s.Payer["app_id"])
	}
	return said
}

func call(s step) (value any, code string, err error) {
	client := wechat.NewClient(s.Payer["app_id"], s.Payer["mch_id"], s.Payer["key"], true)
	client.BaseURL = s.Payer["base_url"]
	if path := s.Payer["cert_path"]; path != "" {
		if err = client.AddCertPemFilePath(path, s.Payer["key_path"]); err != nil {
			return nil, "", err
		}
	}
	all := context.Background()
	switch s.Call {
	case "normal", "group":
		send := client.SendCashRed
		if s.Call == "group" {
			send = client.SendGroupCashRed
		}
		if reply, failed := send(all, body(s)); failed != nil {
			err = failed
		} else {
			value, code = reply, reply.ErrCode
		}
	case "mini":
		if reply, failed := client.SendAppletRed(all, body(s)); failed != nil {
			err = failed
		} else {
			value, code = reply, reply.ErrCode
		}
	case "query":
		if reply, failed := client.QueryRedRecord(all, body(s)); failed != nil {
			err = failed
		} else {
			value, code = reply, reply.ErrCode
		}
	default:
		err = fmt.Errorf("no call %s", s.Call)
	}
	return value, code, err
}

func carryOut(s step) outcome {
	if s.Call == "sign" {
		if s.SignType == "WORKWX" {
			return outcome{} // it has none
		}
		fields := gopay.BodyMap{}
		for name, value := range s.Fields {
			fields.Set(name, value)
		}
		return outcome{Value: wechat.GetReleaseSign(s.Key, s.SignType, fields)}
	}
	if s.Call == "read" {
		read := gopay.BodyMap{}
		if err := xml.Unmarshal([]byte(s.Document), &read); err != nil {
			panic(err)
		}
		return outcome{Value: read}
	}
	value, code, err := call(s)
	if err != nil {
		return outcome{Kind: "error", Type: fmt.Sprintf("%T", err), Value: err.Error()}
	}
	return outcome{Kind: "result", Code: code, Value: value}
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
