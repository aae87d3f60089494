package before

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Discovery returns a verifier of ID tokens. It finds the URL of the set from the issuer.
func Discovery(ctx context.Context, issuer string, config *oidc.Config) (*oidc.IDTokenVerifier, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	return provider.Verifier(config), nil
}
