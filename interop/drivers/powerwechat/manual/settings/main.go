// The settings, given as the manual gives them.
package main

import (
	"context"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
)

func main() {
	_, _ = payment.NewPayment(context.Background(), &payment.UserConfig{CertPath: "cert.pem", KeyPath: "key.pem"})
}
