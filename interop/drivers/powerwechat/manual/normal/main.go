// A normal packet, sent as the manual sends it.
package main

import (
	"context"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment/redpack/request"
)

func main() {
	paymentService := &payment.Payment{}
	_, _ = paymentService.RedPack.SendNormal(context.Background(), &request.RequestSendRedPack{TotalAmount: 100, TotalNum: 1})
}
