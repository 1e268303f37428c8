// A query, asked as the manual asks it.
package main

import "github.com/ArtisanCloud/PowerWeChat/v3/src/payment"

func main() {
	paymentService := &payment.Payment{}
	_, _ = paymentService.RedPack.Info("1999000001202611230000000001")
}
