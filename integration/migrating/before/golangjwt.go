package before

import (
	"context"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// GolangJWT returns a function that verifies access tokens with the set of a URL.
func GolangJWT(ctx context.Context, url string) (func(ctx context.Context, text string) (*jwt.Token, error), error) {
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{url})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, text string) (*jwt.Token, error) {
		return jwt.Parse(text, keys.KeyfuncCtx(ctx), jwt.WithValidMethods([]string{"RS256", "ES256"}))
	}, nil
}
