module github.com/seed1f6cf2d3/jwk

go 1.26.0

// Each module in the lowest version that passes the tests and that no advisory names, so that
// a program that needs an older version of one is not made to change.
require (
	filippo.io/mldsa v1.0.0
	github.com/cloudflare/circl v1.6.3
	github.com/decred/dcrd/dcrec/secp256k1/v4 v4.3.0
	github.com/go-jose/go-jose/v4 v4.1.9
	github.com/go-json-experiment/json v1.27.0
	golang.org/x/crypto v0.55.0
)

require golang.org/x/sys v0.47.0 // indirect
