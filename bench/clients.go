package main

import (
	"context"
	"net/http"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/lestrrat-go/httprc/v3"
	jwxv3 "github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// These libraries fetch a set, keep it, and find keys in it. Each has its default options, except for
// the transport.

const noLimit = "a set of any age"

// fetchOurs reads through jwkhttp.Client.
func fetchOurs(ctx context.Context, web *http.Client) (fetched, error) {
	c, err := jwkhttp.NewClient(providerURL, &jwkhttp.ClientOptions{HTTPClient: web})
	if err != nil {
		return fetched{}, err
	}
	context.AfterFunc(ctx, func() { c.Close() })
	return readSource(c), c.Refresh(ctx)
}

// keyfuncLibrary calls Keyfunc with a token that golang-jwt has parsed. keyfunc uses the HTTP client of
// jwkset.
var keyfuncLibrary = peer[struct{}, struct{}]{
	name:   "keyfunc",
	module: "github.com/MicahParks/keyfunc/v3",

	fetch: func(ctx context.Context, web *http.Client) (fetched, error) {
		k, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{providerURL}, keyfunc.Override{Client: web})
		if err != nil {
			return fetched{}, err
		}
		return fetched{goKey: func(t *token) (any, error) { return k.Keyfunc(t.parsed) }}, nil
	},
	verify: verifyKeyfunc,

	checks: map[ability]string{
		fetchedKey: "alg is equal if the key has one, not use and key_ops; " + noLimit +
			"; read locks of two storages; makes an error for the first, which is empty; reads the keys up to that one, copies each",
		verifyRS256: keyfuncVerified,
		verifyEdDSA: keyfuncVerified,
	},
}

// jwxCache calls LookupKeyID of a CachedSet, and Export. It is jwx v3, because v4 has no client of its
// own: its Cache is in another module, jwkfetch, and also uses httprc.
var jwxCache = peer[struct{}, struct{}]{
	name:   "jwx v3 Cache",
	module: "github.com/lestrrat-go/jwx/v3",

	fetch: func(ctx context.Context, web *http.Client) (fetched, error) {
		cache, err := jwxv3.NewCache(ctx, httprc.NewClient())
		if err != nil {
			return fetched{}, err
		}
		if err := cache.Register(ctx, providerURL, jwxv3.WithHTTPClient(web)); err != nil {
			return fetched{}, err
		}
		set, err := cache.CachedSet(providerURL)
		if err != nil {
			return fetched{}, err
		}
		return fetched{goKey: func(t *token) (any, error) {
			k, ok := set.LookupKeyID(t.kid)
			if !ok {
				return nil, errNoGoKey
			}
			var made any
			err := jwxv3.Export(k, &made)
			return made, err
		}}, nil
	},

	checks: map[ability]string{
		fetchedKey: "only kid; " + noLimit +
			"; reads the keys up to that one; a read lock of the set and of each key; the Go key is made and checked anew each time",
	},
}

// oidcLibrary calls VerifySignature of a RemoteKeySet, which does not return keys.
var oidcLibrary = peer[struct{}, struct{}]{
	name:   "go-oidc",
	module: "github.com/coreos/go-oidc/v3",

	fetch:  fetchOIDC,
	verify: verifyOIDC,

	checks: map[ability]string{
		fetchedVerify: "the signature; of the key only kid, not alg, use and key_ops; " + noLimit +
			"; a read lock; reads the keys up to that one, allocates a copy of each",
		verifyRS256: oidcVerified,
		verifyEdDSA: oidcVerified,
	},
}

// fetchOIDC reads through oidc.RemoteKeySet.
func fetchOIDC(ctx context.Context, web *http.Client) (fetched, error) {
	set := oidc.NewRemoteKeySet(oidc.ClientContext(ctx, web), providerURL)
	return fetched{verify: func(t *token) error {
		_, err := set.VerifySignature(ctx, t.text)
		return err
	}}, nil
}
