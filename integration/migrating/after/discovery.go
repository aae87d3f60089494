package after

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// Discovery returns a verifier of ID tokens. It finds the URL of the set from the issuer.
func Discovery(ctx context.Context, issuer string, config *oidc.Config) (*oidc.IDTokenVerifier, error) {
	keys, err := jwkhttp.Discover(ctx, issuer, nil)
	if err != nil {
		return nil, err
	}
	return oidc.NewVerifier(issuer, keySet{keys, tokenAlgorithms}, config), nil
}
