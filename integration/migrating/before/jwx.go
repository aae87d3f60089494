package before

import (
	"context"

	"github.com/lestrrat-go/httprc/v3"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// JWX returns a function that verifies access tokens with the set of a URL.
func JWX(ctx context.Context, url string) (func(ctx context.Context, text []byte) (jwt.Token, error), error) {
	cache, err := jwk.NewCache(ctx, httprc.NewClient())
	if err != nil {
		return nil, err
	}
	if err := cache.Register(ctx, url); err != nil {
		return nil, err
	}
	keys, err := cache.CachedSet(url)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, text []byte) (jwt.Token, error) {
		return jwt.Parse(text, jwt.WithKeySet(keys))
	}, nil
}
