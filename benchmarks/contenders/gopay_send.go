// gopay's own SendCashRed, as its notes show it: one client with the merchant's certificate.
// What it is told and what it tells stands in task.py.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/wechat"
)

const nonce = "0123456789abcdef0123456789abcdef"

type task struct {
	Payer  map[string]string `json:"payer"`
	Packet map[string]any    `json:"packet"`
}

func main() {
	host, port, folder := os.Args[1], os.Args[2], os.Args[3]
	warmUp, calls, atOnce := number(os.Args[4]), number(os.Args[5]), number(os.Args[6])

	var asked task
	text, err := os.ReadFile(folder + "/packet.json")
	must(err)
	must(json.Unmarshal(text, &asked))
	client := wechat.NewClient(asked.Payer["app_id"], asked.Payer["mch_id"], asked.Payer["key"], true)
	client.BaseURL = "https://" + host + ":" + port
	must(client.AddCertPemFilePath(folder+"/cert.pem", folder+"/key.pem"))

	some := func(count int) {
		for range count {
			// A map that was signed keeps its signature, so each call has one of its own.
			said := gopay.BodyMap{}
			for name, value := range asked.Packet {
				said.Set(name, value)
			}
			said.Set("nonce_str", nonce).Set("total_num", 1).
				Set("client_ip", asked.Payer["client_ip"]).Set("wxappid", asked.Payer["app_id"])
			reply, err := client.SendCashRed(context.Background(), said)
			must(err)
			if reply.ResultCode != "SUCCESS" {
				panic(reply.ErrCode)
			}
		}
	}
	all := func(count int) {
		var group sync.WaitGroup
		for range atOnce {
			group.Go(func() { some(count / atOnce) })
		}
		group.Wait()
	}

	all(warmUp)
	started, before := time.Now(), cpu()
	all(calls)
	used, seconds := cpu()-before, time.Since(started)
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"seconds":     seconds.Seconds(),
		"cpu_seconds": used.Seconds(),
		"versions":    map[string]string{"Go": runtime.Version()[2:], "gopay": version()},
	}))
}

func cpu() time.Duration {
	var used syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func version() string {
	built, _ := debug.ReadBuildInfo()
	for _, module := range built.Deps {
		if module.Path == "github.com/go-pay/gopay" {
			return module.Version[1:]
		}
	}
	return "unknown"
}

func number(text string) int {
	count, err := strconv.Atoi(text)
	must(err)
	return count
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
