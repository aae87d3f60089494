package after

import (
	"context"

	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// JWX returns a function that verifies access tokens with the set of a URL.
func JWX(ctx context.Context, url string) (func(ctx context.Context, text []byte) (jwt.Token, error), error) {
	keys, err := jwkhttp.NewClient(url, nil)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, text []byte) (jwt.Token, error) {
		return jwt.Parse(text, jwt.WithKeyProvider(keyProvider(ctx, keys)))
	}, nil
}
