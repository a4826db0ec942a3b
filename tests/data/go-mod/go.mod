// Deprecated: use v2.
module code.example/team/shop

go 1.24.0

toolchain go1.24.1

require code.example/Vendor/sdk v1.2.3

require (
	code.example/forked/lib/v2 v2.0.0
	code.example/patched/lib v0.0.0-20240101000000-0123456789ab // a comment
	"code.example/quoted/lib" v1.0.0 // indirect
	code.example/pinned/lib v1.0.0 // indirect; kept for tools
	code.example/half v1.0.0 v2.0.0
)

exclude code.example/bad/lib v1.0.0

retract (
	v1.0.0 // published by mistake
)

tool code.example/vendor/sdk/cmd/gen

replace (
	code.example/forked/lib/v2 => git.example/me/lib/v2 v2.0.1
	code.example/patched/lib => ../patched
	code.example/pinned/lib v1.0.0 => code.example/pinned/lib v1.1.0
	code.example/absent/lib => git.example/me/absent v0.1.0
)

unheard-of x
