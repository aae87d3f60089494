package jwktest

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/seed1f6cf2d3/jwk"
)

// keysJSON is a JWK Set with one private key on each line. A released key must not change,
// because tests of other projects may expect its thumbprint or contain tokens that it signed.
//
//go:embed keys.json
var keysJSON string

// parsed maps the argument of find to a *jwk.Key. Each key is parsed when it is first needed,
// because parsing all RSA keys takes some milliseconds.
var parsed sync.Map

// Key returns the private or symmetric key for an algorithm. It always returns the same key for
// the same algorithm. The key has the kid "test-" followed by the algorithm, as in
// "test-RS256", and the alg and use that [jwk.Generate] sets. Different algorithms have
// different key material.
//
// RSA keys have 2048 bits; [RSA] returns larger ones. The keys for ECDH-ES and its variants are
// on P-256, and the key for EdDSA is on Ed25519.
//
// The key is public knowledge and protects nothing; see the description of this package. Key
// panics if alg is not one of the constants of [jwk.Algorithm], or if the build tag jwk_core
// leaves out the keys for it. Key is safe for concurrent use.
func Key(alg jwk.Algorithm) *jwk.Key {
	k, err := find(`"alg":` + strconv.Quote(string(alg)))
	switch {
	case err != nil:
		panic(fmt.Sprintf("jwktest: the key for %s: %v", alg, err))
	case k == nil:
		panic(fmt.Sprintf("jwktest: no key for algorithm %q, want one of %s", string(alg), strings.Join(algorithms(), ", ")))
	}
	return k
}

// Set returns a set with the [Key] for each algorithm, in this order. The keys are private: a
// [Server] publishes only their public halves. Without algorithms the set is empty.
func Set(algs ...jwk.Algorithm) *jwk.Set {
	keys := make([]*jwk.Key, len(algs))
	for i, alg := range algs {
		keys[i] = Key(alg)
	}
	return jwk.NewSet(keys...)
}

// RSA returns a private RSA key of 2048, 3072 or 4096 bits. It always returns the same key for
// the same size. [Key] does not return these keys. The key has the kid "test-RSA-" followed by
// the size, as in "test-RSA-4096". It has no alg and no use, so it supports every RSA
// algorithm. RSA panics if bits is another size. RSA is safe for concurrent use.
func RSA(bits int) *jwk.Key {
	k, err := find(fmt.Sprintf(`"kid":"test-RSA-%d"`, bits))
	switch {
	case err != nil:
		panic(fmt.Sprintf("jwktest: the RSA key of %d bits: %v", bits, err))
	case k == nil:
		panic(fmt.Sprintf("jwktest: no RSA key of %d bits, want 2048, 3072 or 4096", bits))
	}
	return k
}

// find returns the first key of keysJSON that has a member, which is given as JSON text. It
// returns nil if no key has it.
func find(member string) (*jwk.Key, error) {
	if k, ok := parsed.Load(member); ok {
		return k.(*jwk.Key), nil
	}
	i := strings.Index(keysJSON, member)
	if i < 0 {
		return nil, nil
	}
	line, _, _ := strings.Cut(keysJSON[strings.LastIndexByte(keysJSON[:i], '\n')+1:], "\n")
	k, err := jwk.Parse([]byte(strings.TrimSuffix(line, ",")))
	if err != nil {
		return nil, err
	}
	first, _ := parsed.LoadOrStore(member, k) // so that all goroutines get the same pointer
	return first.(*jwk.Key), nil
}

// algorithms returns the algorithms of the keys in keysJSON, in their order.
func algorithms() []string {
	var list []string
	for line := range strings.Lines(keysJSON) {
		if _, rest, ok := strings.Cut(line, `"alg":"`); ok {
			alg, _, _ := strings.Cut(rest, `"`)
			list = append(list, alg)
		}
	}
	return list
}
