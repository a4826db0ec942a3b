module cargo.northport.example/tracking

go 1.24.0

require (
	github.com/aliyun/aliyun-oss-go-sdk v3.0.2+incompatible
	github.com/gin-gonic/gin v1.10.1
	github.com/google/uuid v1.6.0
)

require (
	github.com/bytedance/sonic v1.13.3 // indirect
	github.com/bytedance/sonic/loader v0.2.4 // indirect
	github.com/cloudwego/base64x v0.1.5 // indirect
	golang.org/x/net v0.42.0 // indirect
)
