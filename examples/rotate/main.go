// Rotate replaces a signing key while tokens are signed and verified, so that every token
// that has not expired verifies at every step.
package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"log"
	"net/http/httptest"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// keys are the private keys of an issuer.
type keys struct {
	signing   *jwk.Key // signs new tokens
	published *jwk.Set // all keys whose public halves are published
}

// An issuer signs tokens. Requests may run beside a rotation, because keys and sets never change:
// a rotation replaces the pointer.
type issuer struct{ keys atomic.Pointer[keys] }

// announce publishes the next key, which does not sign yet.
func (i *issuer) announce(next *jwk.Key) {
	old := i.keys.Load()
	i.keys.Store(&keys{old.signing, old.published.With(next)})
}

// promote makes a published key the one that signs.
func (i *issuer) promote(next *jwk.Key) {
	i.keys.Store(&keys{next, i.keys.Load().published})
}

// withdraw stops publishing a key.
func (i *issuer) withdraw(last *jwk.Key) {
	old := i.keys.Load()
	i.keys.Store(&keys{old.signing, old.published.Without(last)})
}

// set returns the set whose public halves a jwkhttp.Handler publishes.
func (i *issuer) set() *jwk.Set { return i.keys.Load().published }

// sign returns a token with the kid of the signing key in its header.
func (i *issuer) sign(payload string) (string, error) {
	opaque, err := i.keys.Load().signing.JOSESigner(jwk.EdDSA)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: opaque}, nil)
	if err != nil {
		return "", err
	}
	token, err := signer.Sign([]byte(payload))
	if err != nil {
		return "", err
	}
	return token.CompactSerialize()
}

// verify verifies a token with the keys of a source, and returns the kid in its header.
func verify(ctx context.Context, source jwk.Source, text string) (kid string, err error) {
	token, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return "", err
	}
	header := token.Signatures[0].Protected
	verifier, err := jwk.FindJOSEVerifier(ctx, source, header)
	if err != nil {
		return "", err
	}
	_, err = token.Verify(verifier)
	return header.KeyID, err
}

// logDiff prints what a new set changes.
func logDiff(step string, before, after *jwk.Set) {
	diff := before.Diff(after)
	fmt.Print(step, ":")
	for _, key := range diff.Added {
		fmt.Print(" +", key.KeyID())
	}
	for _, key := range diff.Removed {
		fmt.Print(" -", key.KeyID())
	}
	for _, key := range diff.Changed {
		fmt.Print(" changed ", key.KeyID())
	}
	fmt.Println()
}

func main() {
	generate := func(kid string) *jwk.Key {
		key, err := jwk.Generate(jwk.EdDSA, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: kid}})
		if err != nil {
			log.Fatal(err)
		}
		return key
	}
	first, second := generate("2026-01"), generate("2026-02")

	var i issuer
	i.keys.Store(&keys{first, jwk.NewSet(first)})
	server := httptest.NewTLSServer(jwkhttp.NewHandler(i.set, nil))
	defer server.Close()

	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client, err := jwkhttp.NewClient(server.URL, &jwkhttp.ClientOptions{RootCAs: roots})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()

	var tokens []string
	step := func(name string, rotate func(*jwk.Key), key *jwk.Key) {
		before, err := client.Set(ctx)
		if err != nil {
			log.Fatal(err)
		}
		rotate(key)
		if err := client.Refresh(ctx); err != nil { // as every client does within MaxAge
			log.Fatal(err)
		}
		after, err := client.Set(ctx)
		if err != nil {
			log.Fatal(err)
		}
		logDiff(name, before, after)
		token, err := i.sign("payload")
		if err != nil {
			log.Fatal(err)
		}
		tokens = append(tokens, token)
		for n, token := range tokens {
			kid, err := verify(ctx, client, token)
			fmt.Printf("  token %d of key %s verifies: %t\n", n+1, kid, err == nil)
		}
	}
	step("announce", i.announce, second)
	// Here the issuer waits for twice MaxAge: then every client has the second key.
	step("promote", i.promote, second)
	// Here it waits until the last token of the first key has expired.
	tokens = tokens[1:]
	step("withdraw", i.withdraw, first)
}
