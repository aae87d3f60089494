package integration

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/MicahParks/jwkset"
	keyfuncv3 "github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/httprc/v3"
	jwx "github.com/lestrrat-go/jwx/v3/jwk"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// trusting returns an HTTP client that trusts the certificate of a server.
func trusting(s *jwktest.Server) *http.Client {
	config := &tls.Config{RootCAs: s.Options().RootCAs}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
}

// peerClients are the clients of other libraries. Each returns the subject of a token that it
// verified with the set of a publisher.
var peerClients = []struct {
	name    string
	subject func(t *testing.T, s *jwktest.Server, text string) (string, error)
}{
	{"keyfunc", func(t *testing.T, s *jwktest.Server, text string) (string, error) {
		ctx, cancel := context.WithCancel(t.Context()) // ends its goroutine
		defer cancel()
		keys, err := keyfuncv3.NewDefaultOverrideCtx(ctx, []string{s.URL}, keyfuncv3.Override{Client: trusting(s)})
		if err != nil {
			return "", err
		}
		token, err := jwt.Parse(text, keys.KeyfuncCtx(ctx), jwt.WithExpirationRequired())
		if err != nil {
			return "", err
		}
		return token.Claims.GetSubject()
	}},
	{"jwx Cache", func(t *testing.T, s *jwktest.Server, text string) (string, error) {
		cache, err := jwx.NewCache(t.Context(), httprc.NewClient())
		if err != nil {
			return "", err
		}
		defer cache.Shutdown(t.Context())
		if err := cache.Register(t.Context(), s.URL, jwx.WithHTTPClient(trusting(s))); err != nil {
			return "", err
		}
		set, err := cache.Lookup(t.Context(), s.URL)
		if err != nil {
			return "", err
		}
		token, err := jwxjwt.Parse([]byte(text), jwxjwt.WithKeySet(set))
		if err != nil {
			return "", err
		}
		subject, _ := token.Subject()
		return subject, nil
	}},
	{"go-oidc RemoteKeySet", func(t *testing.T, s *jwktest.Server, text string) (string, error) {
		ctx := oidc.ClientContext(t.Context(), trusting(s))
		config := &oidc.Config{ClientID: audience, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256, oidc.EdDSA}}
		token, err := oidc.NewVerifier(issuer, oidc.NewRemoteKeySet(ctx, s.URL), config).Verify(ctx, text)
		if err != nil {
			return "", err
		}
		return token.Subject, nil
	}},
}

// TestPeersReadHandler: the clients of other libraries read the set that a Handler publishes, and
// verify tokens with it. If it fails, other services reject the tokens of an issuer that uses the
// Handler.
func TestPeersReadHandler(t *testing.T) {
	keys := []*jwk.Key{jwktest.Key(jwk.RS256), jwktest.Key(jwk.ES256), jwktest.Key(jwk.EdDSA)}
	for _, peer := range peerClients {
		t.Run(peer.name, func(t *testing.T) {
			for _, k := range keys {
				server := publish(t, keys...)
				if subject, err := peer.subject(t, server, tokenBy(t, k)); err != nil || subject != "alice" {
					t.Errorf("%s: got %q, %v, want alice", k.KeyID(), subject, err)
				}
				checkRequests(t, server, k.KeyID(), 1)
			}
			forged := tokenOf(t, members{"alg": "RS256", "kid": keys[0].KeyID()}, jwktest.RSA(2048), goodClaims())
			if subject, err := peer.subject(t, publish(t, keys...), forged); err == nil {
				t.Errorf("a token that another key signed: got %q, want an error", subject)
			}
		})
	}
}

// peerServers are sets of other libraries, served in a few lines. Each returns the JSON of a set
// with the public halves of these keys.
var peerServers = []struct {
	name    string
	publish func(t *testing.T, keys []*jwk.Key) func(context.Context) (json.RawMessage, error)
}{
	{"jwkset", func(t *testing.T, keys []*jwk.Key) func(context.Context) (json.RawMessage, error) {
		storage := jwkset.NewMemoryStorage()
		for _, k := range keys {
			metadata := jwkset.JWKMetadataOptions{KID: k.KeyID(), ALG: jwkset.ALG(k.Algorithm()), USE: jwkset.UseSig}
			key, err := jwkset.NewJWKFromKey(k.PrivateKey(), jwkset.JWKOptions{Metadata: metadata})
			if err != nil {
				t.Fatal(err)
			}
			if err := storage.KeyWrite(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		return storage.JSONPublic
	}},
	{"jwx", func(t *testing.T, keys []*jwk.Key) func(context.Context) (json.RawMessage, error) {
		set := jwx.NewSet()
		for _, k := range keys {
			key, err := jwx.Import(k.PrivateKey())
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{jwx.KeyIDKey: k.KeyID(), jwx.AlgorithmKey: string(k.Algorithm()), jwx.KeyUsageKey: "sig"} {
				if err := key.Set(name, value); err != nil {
					t.Fatal(err)
				}
			}
			if err := set.AddKey(key); err != nil {
				t.Fatal(err)
			}
		}
		public, err := jwx.PublicSetOf(set)
		if err != nil {
			t.Fatal(err)
		}
		return func(context.Context) (json.RawMessage, error) { return json.Marshal(public) }
	}},
}

// TestClientReadsPeers: a Client reads the sets that other libraries write. If it fails, a service
// cannot verify the tokens of issuers that use these libraries.
func TestClientReadsPeers(t *testing.T) {
	keys := []*jwk.Key{jwktest.Key(jwk.RS256), jwktest.Key(jwk.ES256), jwktest.Key(jwk.EdDSA)}
	for _, peer := range peerServers {
		t.Run(peer.name, func(t *testing.T) {
			body := peer.publish(t, keys)
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, err := body(r.Context())
				if err != nil {
					http.Error(w, "no keys", http.StatusInternalServerError)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.Write(text)
			}))
			defer server.Close()
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			source, err := jwkhttp.NewClient(server.URL, &jwkhttp.ClientOptions{RootCAs: roots})
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range keys {
				if subject, err := withJOSE(t.Context(), source, tokenBy(t, k)); err != nil || subject != "alice" {
					t.Errorf("%s: got %q, %v, want alice", k.KeyID(), subject, err)
				}
			}
			if s := source.Status(); s.Keys != len(keys) || s.Skipped != 0 || s.Fetches != 1 {
				t.Errorf("got %d keys, %d skipped, %d fetches, want %d, 0, 1", s.Keys, s.Skipped, s.Fetches, len(keys))
			}
		})
	}
}
