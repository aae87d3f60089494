// Publish serves the public halves of two signing keys as a JWK Set, fetches the set as a
// client does, and verifies a signature with it.
package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/seed1f6cf2d3/jwk"
)

// serveSet serves the public halves of a set of keys. It asks for the set at each request, so
// that a change is visible at once.
func serveSet(keys func() *jwk.Set) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := keys().Public().MarshalJSON()
		if err != nil {
			http.Error(w, "no keys", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", "public, max-age=600")
		w.Write(body)
	})
}

// maxBytes is the largest set that fetch reads, in bytes.
const maxBytes = 1 << 20

// fetch reads a set that somebody else publishes.
func fetch(ctx context.Context, client *http.Client, url string) (*jwk.Set, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxBytes+1))
	if err != nil {
		return nil, err
	}
	parser := jwk.Parser{Lenient: true, PublicOnly: true, MaxBytes: maxBytes}
	return parser.ParseSet(data)
}

func main() {
	current, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-01"}})
	if err != nil {
		log.Fatal(err)
	}
	next, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-02"}})
	if err != nil {
		log.Fatal(err)
	}

	var keys atomic.Pointer[jwk.Set]
	keys.Store(jwk.NewSet(current, next))
	mux := http.NewServeMux()
	mux.Handle("GET /.well-known/jwks.json", serveSet(keys.Load))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	set, err := fetch(ctx, server.Client(), server.URL+"/.well-known/jwks.json")
	if err != nil {
		log.Fatal(err)
	}
	for key := range set.All() {
		fmt.Println("fetched:", key.KeyID(), key.Algorithm(), "private:", key.IsPrivate())
	}

	// The issuer signs.
	signer, err := current.Signer()
	if err != nil {
		log.Fatal(err)
	}
	digest := sha256.Sum256([]byte("message"))
	signature, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		log.Fatal(err)
	}

	// The client verifies.
	key, err := set.Find(ctx, jwk.Query{KeyID: "2026-01", Algorithm: jwk.ES256, Ops: jwk.OpVerify})
	if err != nil {
		log.Fatal(err)
	}
	public, err := jwk.As[*ecdsa.PublicKey](key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("verified:", ecdsa.VerifyASN1(public, digest[:], signature))

	_, err = set.Find(ctx, jwk.Query{KeyID: "2025-12", Algorithm: jwk.ES256, Ops: jwk.OpVerify})
	fmt.Println("not found:", errors.Is(err, jwk.ErrNotFound))
}
