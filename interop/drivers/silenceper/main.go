// Drives github.com/silenceper/wechat: one JSON step a line in, one JSON outcome a line out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/silenceper/wechat/v2/pay/config"
	"github.com/silenceper/wechat/v2/pay/redpacket"
	"github.com/silenceper/wechat/v2/util"
)

const wechat = "https://api.mch.weixin.qq.com"

type step struct {
	Call     string            `json:"call"`
	Payer    map[string]string `json:"payer"`
	Packet   map[string]string `json:"packet"`
	Fields   map[string]string `json:"fields"`
	Key      string            `json:"key"`
	SignType string            `json:"sign_type"`
}

type outcome struct {
	Kind  string `json:"kind,omitempty"`
	Type  string `json:"type,omitempty"`
	Code  string `json:"code,omitempty"`
	Value any    `json:"value"`
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return value
}

func carryOut(s step) outcome {
	if s.Call == "sign" {
		if s.SignType == "WORKWX" {
			return outcome{} // it has none
		}
		sign, err := util.ParamSign(s.Fields, s.Key)
		if err != nil {
			panic(err)
		}
		return outcome{Value: sign}
	}
	if s.Call == "read" {
		return outcome{} // it reads replies alone, into what it knows of them
	}
	util.SetURIModifier(func(uri string) string {
		return strings.Replace(uri, wechat, s.Payer["base_url"], 1)
	})
	payer := redpacket.NewRedpacket(&config.Config{
		AppID: s.Payer["app_id"], MchID: s.Payer["mch_id"], Key: s.Payer["key"],
	})
	reply, err := payer.SendRedpacket(&redpacket.Params{
		MchBillno:   s.Packet["mch_billno"],
		SendName:    s.Packet["send_name"],
		ReOpenID:    s.Packet["re_openid"],
		TotalAmount: number(s.Packet["total_amount"]),
		TotalNum:    number(s.Packet["total_num"]),
		Wishing:     s.Packet["wishing"],
		ClientIP:    "127.0.0.1",
		ActName:     s.Packet["act_name"],
		Remark:      s.Packet["remark"],
		RootCa:      s.Payer["p12_path"],
	})
	told := outcome{Kind: "result", Value: reply}
	if reply != nil {
		told.Code = reply.ErrCode
	}
	if err != nil {
		told.Kind, told.Type = "error", fmt.Sprintf("%T", err)
	}
	return told
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
