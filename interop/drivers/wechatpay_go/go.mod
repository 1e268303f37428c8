module hongbao.invalid/interop/wechatpay_go

go 1.23.0

require github.com/wechatpay-apiv3/wechatpay-go v0.2.20
