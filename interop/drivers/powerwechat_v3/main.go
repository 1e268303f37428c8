// Drives PowerWeChat's FundApp: one JSON step a line in, one JSON outcome a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment/fundApp/request"
)

type step struct {
	Call     string          `json:"call"`
	Payer    map[string]any  `json:"payer"`
	Transfer json.RawMessage `json:"transfer"`
}

type outcome struct {
	Kind  string `json:"kind"`
	Code  string `json:"code"`
	State string `json:"state"`
	Value string `json:"value"`
}

func service(s step) (*payment.Payment, error) {
	text := func(name string) string { return s.Payer[name].(string) }
	return payment.NewPayment(&payment.UserConfig{
		AppID:            text("app_id"),
		MchID:            text("mch_id"),
		MchApiV3Key:      text("api_v3_key"),
		Key:              "unused",
		CertPath:         text("cert_path"),
		KeyPath:          text("key_path"),
		SerialNo:         text("serial_no"),
		WechatPaySerial:  text("public_key_id"),
		RSAPublicKeyPath: text("public_key_path"),
		Http:             payment.Http{BaseURI: text("base_url")},
	})
}

func call(s step) (code, state string, err error) {
	made, err := service(s)
	if err != nil {
		return "", "", err
	}
	said := request.RequestTransferBills{}
	if err := json.Unmarshal(s.Transfer, &said); err != nil {
		return "", "", err
	}
	all := context.Background()
	switch s.Call {
	case "transfer":
		reply, failed := made.FundApp.TransferBills(all, &said)
		if failed == nil {
			code, state = reply.Code, reply.State
		}
		err = failed
	case "query":
		reply, failed := made.FundApp.QueryOutBill(all, said.OutBillNo)
		if failed == nil {
			state = reply.State
		}
		err = failed
	case "cancel":
		reply, failed := made.FundApp.Cancel(all, said.OutBillNo)
		if failed == nil {
			state = reply.State
		}
		err = failed
	}
	return code, state, err
}

func carryOut(s step) outcome {
	code, state, err := call(s)
	if err != nil {
		return outcome{Kind: "error", Value: fmt.Sprintf("%T: %v", err, err)}
	}
	if code != "" {
		return outcome{Kind: "refused", Code: code}
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
