// A mini program's packet, sent as the manual sends it.
package main

import (
	"context"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/kernel/power"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/payment"
)

func main() {
	paymentService := &payment.Payment{}
	_, _ = paymentService.RedPack.SendMiniProgramNormal(context.Background(), &power.HashMap{"total_amount": 100})
}
