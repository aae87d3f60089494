module github.com/seed1f6cf2d3/jwk/cmd/jwk

go 1.26.0

require (
	github.com/seed1f6cf2d3/jwk v0.1.0
	github.com/spf13/cobra v1.10.2
)

require (
	filippo.io/mldsa v1.0.0 // indirect
	github.com/cloudflare/circl v1.6.5 // indirect
	github.com/decred/dcrd/dcrec/secp256k1/v4 v4.4.1 // indirect
	github.com/go-jose/go-jose/v4 v4.1.9 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	golang.org/x/crypto v0.59.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
)
