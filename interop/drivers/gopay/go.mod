module hongbao.invalid/interop/gopay

go 1.21

require github.com/go-pay/gopay v1.5.100

require (
	github.com/go-pay/bm v0.0.1 // indirect
	github.com/go-pay/crypto v0.0.1 // indirect
	github.com/go-pay/util v0.0.2 // indirect
	github.com/go-pay/xhttp v0.0.2 // indirect
	github.com/go-pay/xlog v0.0.2 // indirect
	golang.org/x/crypto v0.18.0 // indirect
)
