// Drives PowerWeChat: one JSON step a line in, one JSON outcome a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/kernel/power"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/kernel/support"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment/redpack/request"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment/redpack/work"
)

type step struct {
	Call     string            `json:"call"`
	NoIP     bool              `json:"no_client_ip"`
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

// What is not in its packets' own types is left to it, as its manual does.
func service(s step) (*payment.Payment, error) {
	made, err := payment.NewPayment(&payment.UserConfig{
		AppID:    s.Payer["app_id"],
		MchID:    s.Payer["mch_id"],
		Key:      s.Payer["key"],
		CertPath: s.Payer["cert_path"],
		KeyPath:  s.Payer["key_path"],
		Http:     payment.Http{BaseURI: s.Payer["base_url"]},
	})
	if err == nil && s.Packet["sub_mch_id"] != "" {
		made.SetSubMerchant(s.Packet["sub_mch_id"], "")
	}
	return made, err
}

func call(s step) (value any, code string, err error) {
	pay, err := service(s)
	if err != nil {
		return nil, "", err
	}
	said, all := s.Packet, context.Background()
	address := "127.0.0.1"
	if s.NoIP {
		address = "" // what a Go program has in a field that it leaves out
	}
	switch s.Call {
	case "normal":
		reply, failed := pay.RedPack.SendNormal(all, &request.RequestSendRedPack{
			MchBillNO: said["mch_billno"], SendName: said["send_name"], ReOpenID: said["re_openid"],
			TotalAmount: number(said["total_amount"]), TotalNum: number(said["total_num"]),
			Wishing: said["wishing"], ClientIP: address, ActName: said["act_name"], Remark: said["remark"],
		})
		value, code, err = reply, reply.ErrCode, failed
	case "mini":
		reply, failed := pay.RedPack.SendMiniProgramNormal(all, &request.RequestSendMiniProgramNormal{
			MchBillNO: said["mch_billno"], SendName: said["send_name"], ReOpenID: said["re_openid"],
			TotalAmount: number(said["total_amount"]), TotalNum: number(said["total_num"]),
			Wishing: said["wishing"], ActName: said["act_name"], Remark: said["remark"],
		})
		value, code, err = reply, reply.ErrCode, failed
	case "group":
		reply, failed := pay.RedPack.SendGroup(all, &request.RequestSendGroupRedPack{
			MchBillNO: said["mch_billno"], SendName: said["send_name"], ReOpenID: said["re_openid"],
			TotalAmount: int64(number(said["total_amount"])), TotalNum: int32(number(said["total_num"])),
			Wishing: said["wishing"], ActName: said["act_name"], Remark: said["remark"],
		})
		value, code, err = reply, reply.ErrCode, failed
	case "query":
		reply, failed := pay.RedPack.Info(all, said["mch_billno"])
		value, code, err = reply, reply.ErrCode, failed
	case "work":
		// The service has no way to it; its package is there.
		client, failed := work.NewClient(pay)
		if failed != nil {
			return nil, "", failed
		}
		value, err = client.SendWorkWX(all, &request.RequestSendWorkWX{
			MchBillNO: said["mch_billno"], SenderName: said["sender_name"], ReOpenID: said["re_openid"],
			TotalAmount: said["total_amount"], Wishing: said["wishing"], ActName: said["act_name"], Remark: said["remark"],
		})
	case "query_work":
		client, failed := work.NewClient(pay)
		if failed != nil {
			return nil, "", failed
		}
		value, err = client.QueryWorkWX(all, &request.RequestQueryWorkWX{MchBillNO: said["mch_billno"]})
	default:
		err = fmt.Errorf("no call %s", s.Call)
	}
	return value, code, err
}

func number(text string) int {
	if text == "" {
		return 0 // what a Go program has in a field that it leaves out
	}
	count, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return count
}

func sign(s step) any {
	fields := power.StringMap{}
	for name, value := range s.Fields {
		fields[name] = value
	}
	switch s.SignType {
	case "MD5":
		return support.GenerateSignMD5(&fields, s.Key)
	case "HMAC-SHA256":
		return support.GenerateSignHmacSHA256(&fields, s.Key)
	}
	return nil // it has none
}

func carryOut(s step) outcome {
	if s.Call == "sign" {
		return outcome{Value: sign(s)}
	}
	if s.Call == "read" {
		return outcome{} // it reads only into what it knows of replies
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
	os.Stdout = os.Stderr // it prints, too
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
