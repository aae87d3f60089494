module github.com/seed1f6cf2d3/jwk

go 1.26.0

require (
	github.com/go-json-experiment/json v1.27.2
	golang.org/x/crypto v0.59.0
)
