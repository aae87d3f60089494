// Publish serves the public halves of two signing keys as a JWK Set. A client fetches the set and
// verifies a signature with it.
package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

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
	keys.Store(jwk.NewSet(current, next)) // the private keys: the Handler publishes their public halves
	mux := http.NewServeMux()
	mux.Handle("/.well-known/jwks.json", jwkhttp.NewHandler(keys.Load, nil))
	server := httptest.NewTLSServer(mux)
	defer server.Close()

	// A server with a public certificate needs no RootCAs, and the options are nil.
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client, err := jwkhttp.NewClient(server.URL+"/.well-known/jwks.json", &jwkhttp.ClientOptions{RootCAs: roots})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx := context.Background()
	set, err := client.Set(ctx)
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
	key, err := client.Find(ctx, jwk.Query{KeyID: "2026-01", Algorithm: jwk.ES256, Ops: jwk.OpVerify})
	if err != nil {
		log.Fatal(err)
	}
	public, err := jwk.As[*ecdsa.PublicKey](key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("verified:", ecdsa.VerifyASN1(public, digest[:], signature))

	_, err = client.Find(ctx, jwk.Query{KeyID: "2025-12", Algorithm: jwk.ES256, Ops: jwk.OpVerify})
	fmt.Println("not found:", errors.Is(err, jwk.ErrNotFound), "requests:", client.Status().Fetches)
}
