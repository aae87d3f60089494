package before

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
)

// OIDC returns a verifier of ID tokens with the set of a URL.
func OIDC(ctx context.Context, issuer, url string, config *oidc.Config) (*oidc.IDTokenVerifier, error) {
	keys := oidc.NewRemoteKeySet(ctx, url)
	return oidc.NewVerifier(issuer, keys, config), nil
}
