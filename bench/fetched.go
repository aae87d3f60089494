package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/seed1f6cf2d3/jwk"
)

// A token is what a library gets in order to find a key in a fetched set.
type token struct {
	kid    string
	alg    string
	parsed *jwt.Token // the same kid and alg, as golang-jwt passes them to keyfunc
	text   string     // signed by the key; "" if the task needs no signature
	key    *inputKey

	// The tasks verify/... have the parts of the token, too.
	octets             []byte // the text
	message, signature []byte // the octets that the key has signed, and the signature
}

// fetched is what a library can do with the set that it has fetched. A function that the library lacks
// is nil.
type fetched struct {
	goKey  func(*token) (any, error) // returns the Go key for a token
	verify func(*token) error        // checks the signature of a token
}

// A fetcher makes the client of a library fetch the set at providerURL. The client ends with ctx.
type fetcher func(ctx context.Context, web *http.Client) (fetched, error)

// reading returns the work of a library that fetches the set of in. Its loop panics if the library
// fetches the set once more, because the tasks time reads.
func reading(fetch fetcher, does ability, in *input) (work, error) {
	p := &provider{body: in.text}
	f, err := fetch(context.Background(), &http.Client{Transport: p})
	if err != nil {
		return work{}, err
	}
	tokens, err := in.tokens(does == fetchedVerify)
	if err != nil {
		return work{}, err
	}
	read := func(t *token) error {
		_, err := f.goKey(t)
		return err
	}
	if does == fetchedVerify {
		read = f.verify
	} else if err := f.finds(tokens); err != nil {
		return work{}, err
	}
	all := parallel(tokens, func(tokens []*token) func(n int) {
		return func(n int) {
			r := round[*token]{items: tokens}
			for range n {
				if err := read(r.next()); err != nil {
					panic(err)
				}
			}
		}
	})
	loop := func(n int) {
		all(n)
		if got := p.requests.Load(); got > 1 {
			wrong(fmt.Sprintf("got %d requests, want at most 1", got))
		}
	}
	return work{parallel: true, loop: loop}, asError(attempt(func() { loop(len(tokens)) }))
}

// attempt calls f and returns what it recovers from a panic.
func attempt(f func()) (recovered any) {
	defer func() { recovered = recover() }()
	f()
	return nil
}

// finds returns an error unless the library finds the right Go key for each token.
func (f fetched) finds(tokens []*token) error {
	for _, t := range tokens {
		k, err := f.goKey(t)
		if err == nil {
			err = sameKey(k, t.key.goKey)
		}
		if err != nil {
			return fmt.Errorf("kid %q: %w", t.kid, err)
		}
	}
	return nil
}

// algorithms are the values of alg in the inputs.
var algorithms = map[kind]jose.SignatureAlgorithm{rsa2048: jose.RS256, p256: jose.ES256, ed25519Kind: jose.EdDSA}

// tokens returns a token for each kid of in.kids. If signed is true, all keys must have a signer.
func (in *input) tokens(signed bool) ([]*token, error) {
	keys, texts := make(map[string]*inputKey), make(map[string]string)
	for i := range in.keys {
		keys[in.keys[i].kid] = &in.keys[i]
	}
	var list []*token
	for _, kid := range in.kids(true) {
		k := keys[kid]
		alg := string(algorithms[k.members.kind])
		t := &token{kid: kid, alg: alg, key: k, parsed: &jwt.Token{Header: map[string]any{"kid": kid, "alg": alg}}}
		if signed && texts[kid] == "" {
			text, err := k.sign([]byte(`{"sub":"benchmark"}`))
			if err != nil {
				return nil, err
			}
			texts[kid] = text
		}
		t.text = texts[kid]
		list = append(list, t)
	}
	return list, nil
}

// sign returns a token in the compact form.
func (k *inputKey) sign(payload []byte) (string, error) {
	if k.signer == nil {
		return "", errors.New("the key cannot sign")
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithms[k.members.kind], Key: k.signer},
		(&jose.SignerOptions{}).WithHeader("kid", k.kid))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

var errBroken = errors.New("the provider is broken")

const providerURL = "https://issuer.example/jwks"

// A provider publishes a set. It is the transport of the libraries, so nothing is sent over a network.
type provider struct {
	body     []byte
	requests atomic.Int64
	broken   atomic.Bool // answers are errors
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.requests.Add(1)
	if p.broken.Load() {
		return nil, errBroken
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"max-age=86400"}},
		Body:   io.NopCloser(bytes.NewReader(p.body)), ContentLength: int64(len(p.body)), Request: r,
	}, nil
}

// readSource returns the work with a source of package jwk.
func readSource(s jwk.Source) fetched {
	ctx := context.Background()
	return fetched{
		goKey: func(t *token) (any, error) {
			k, err := s.Find(ctx, jwk.Query{KeyID: t.kid, Algorithm: jwk.Algorithm(t.alg), Ops: jwk.OpVerify})
			if err != nil {
				return nil, err
			}
			return k.PublicKey(), nil
		},
		verify: func(t *token) error {
			return verify(t, func(header jose.Header) (any, error) { return jwk.FindJOSEVerifier(ctx, s, header) })
		},
	}
}

// verify checks the signature of a token with go-jose.
func verify(t *token, find func(jose.Header) (any, error)) error {
	jws, err := jose.ParseSignedCompact(t.text, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return err
	}
	k, err := find(jws.Signatures[0].Protected)
	if err != nil {
		return err
	}
	_, err = jws.Verify(k)
	return err
}

// findLibrary asks a set that was not fetched, so that the figures show how much time a client adds.
var findLibrary = library{
	name:   "Set.Find",
	kind:   reference,
	checks: map[ability]string{fetchedKey: "Set.Find and PublicKey of package jwk, on a set in memory"},
	enter: func(does ability, in *input) (work, error) {
		return reading(func(context.Context, *http.Client) (fetched, error) {
			s, err := (&jwk.Parser{Lenient: true, PublicOnly: true}).ParseSet(in.text)
			return readSource(s), err
		}, does, in)
	},
}

// verifyLibrary verifies with a key that is known beforehand, so that the figures show how much time a
// library needs to find the key.
var verifyLibrary = library{
	name:   "go-jose, key known",
	kind:   reference,
	checks: map[ability]string{fetchedVerify: "ParseSignedCompact and Verify of go-jose; finds no key"},
	enter: func(does ability, in *input) (work, error) {
		return reading(func(context.Context, *http.Client) (fetched, error) {
			return fetched{verify: func(t *token) error {
				return verify(t, func(jose.Header) (any, error) { return t.key.goKey, nil })
			}}, nil
		}, does, in)
	},
}
