package after

import (
	"context"

	"github.com/golang-jwt/jwt/v5"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// GolangJWT returns a function that verifies access tokens with the set of a URL.
func GolangJWT(ctx context.Context, url string) (func(ctx context.Context, text string) (*jwt.Token, error), error) {
	keys, err := jwkhttp.NewClient(url, nil)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, text string) (*jwt.Token, error) {
		return jwt.Parse(text, keyfunc(ctx, keys), jwt.WithValidMethods([]string{"RS256", "ES256"}))
	}, nil
}
