package after

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// OIDC returns a verifier of ID tokens with the set of a URL.
func OIDC(ctx context.Context, issuer, url string, config *oidc.Config) (*oidc.IDTokenVerifier, error) {
	keys, err := jwkhttp.NewClient(url, nil)
	if err != nil {
		return nil, err
	}
	return oidc.NewVerifier(issuer, keySet{keys, tokenAlgorithms}, config), nil
}
