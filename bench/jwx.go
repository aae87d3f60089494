package main

import (
	"crypto"
	"encoding/json"

	jwx "github.com/lestrrat-go/jwx/v4/jwk"
)

// jwxMaxKeys is how many keys jwx takes unless it is told otherwise.
const jwxMaxKeys = 1000

// What is called: jwk.ParseKey and jwk.Parse; Set.LookupKeyID; jwk.Export and
// jwk.ExportAll, as for sets of keys of several types; MarshalJSON of keys and sets, which is
// faster than to go through encoding/json. To loop over a set its Len and Key
// are faster than All, which copies.
var jwxLibrary = peer[jwx.Key, jwx.Set]{
	name:   "jwx",
	module: "github.com/lestrrat-go/jwx/v4",
	color:  "#009e73",

	parse: func(text []byte) (jwx.Key, error) { return jwx.ParseKey(text) },
	parseSet: func(text []byte, n int) (jwx.Set, error) {
		if n <= jwxMaxKeys {
			return jwx.Parse(text)
		}
		return jwx.Parse(text, jwx.WithMaxKeys(n))
	},
	keys: func(s jwx.Set) []jwx.Key {
		keys := make([]jwx.Key, s.Len())
		for i := range keys {
			keys[i], _ = s.Key(i)
		}
		return keys
	},
	kid: func(k jwx.Key) string {
		kid, _ := k.KeyID()
		return kid
	},
	goKey: func(k jwx.Key) (any, error) { return jwx.Export[any](k) },
	askAll: func(s jwx.Set) error {
		_, err := jwx.ExportAll[any](s)
		return err
	},
	find: func(s jwx.Set, kid string) (jwx.Key, bool) { return s.LookupKeyID(kid) },

	thumbprint: func(k jwx.Key) ([]byte, error) { return k.Thumbprint(crypto.SHA256) },
	marshal:    func(k jwx.Key) ([]byte, error) { return k.(json.Marshaler).MarshalJSON() },
	marshalSet: func(s jwx.Set) ([]byte, error) { return s.(json.Marshaler).MarshalJSON() },

	lookups: func(s jwx.Set, kids []string, hit bool) func(n int) {
		return func(n int) {
			for i := range n {
				kid := kids[i%manyKIDs]
				if _, ok := s.LookupKeyID(kid); ok != hit {
					wrong("found or not:", kid)
				}
			}
		}
	},
	goKeys: func(s jwx.Set, kids []string) func(n int) {
		return func(n int) {
			for i := range n {
				kid := kids[i%manyKIDs]
				k, ok := s.LookupKeyID(kid)
				if !ok {
					wrong("no key", kid)
				}
				if _, err := jwx.Export[any](k); err != nil {
					panic(err)
				}
			}
		}
	},
	selects: func(s jwx.Set, by ability) func(n int) {
		answers := func(k jwx.Key) bool {
			switch by {
			case selectUse:
				use, _ := k.KeyUsage()
				return use == "enc"
			case selectOps:
				ops, _ := k.KeyOps()
				for _, op := range ops {
					if op == jwx.KeyOpDeriveKey {
						return true
					}
				}
				return false
			default:
				alg, ok := k.Algorithm()
				return ok && alg.String() == "ECDH-ES+A256KW"
			}
		}
		return countAnswers(func() (found int) {
			for i := range s.Len() {
				if k, ok := s.Key(i); ok && answers(k) {
					found++
				}
			}
			return found
		})
	},
	thumbprints: func(keys []jwx.Key) func(n int) {
		return func(n int) {
			for i := range n {
				if _, err := keys[i%len(keys)].Thumbprint(crypto.SHA256); err != nil {
					panic(err)
				}
			}
		}
	},

	command: "jwx",

	checks: map[ability]string{
		parseRSA:          "no duplicate members, UTF-8, use is registered; padding, line breaks, stray bits and either alphabet of base64 pass; at least 2048 bits, odd exponent from 3; Go key not yet made",
		parseEC:           "no duplicate members, UTF-8, use is registered; padding, line breaks, stray bits and either alphabet of base64 pass; full-width coordinates, point on the curve; Go key not yet made",
		parseOKP:          "no duplicate members, UTF-8, use is registered; padding, line breaks, stray bits and either alphabet of base64 pass; length; Go key not yet made",
		parseRSAPrivate:   "as the public key; d, p, q and the others not held against it; Go key not yet made",
		parseECPrivate:    "as the public key; length of d, neither in range nor held against the point; Go key not yet made",
		parseOKPPrivate:   "as the public key; length of d, not held against x; Go key not yet made",
		parseSet:          "what it checks of one key, of every key; Go keys not yet made",
		parseNarrowSet:    "what it checks of one key, of every key; Go keys not yet made",
		parseSetAndKeys:   "what it checks of one key, of every key; n, e and points once more for the Go keys",
		parseCertificates: "as other sets; every certificate parsed, not compared with the key or x5t; Go keys not yet made",
		lookupHit:         "passes all keys; a read lock of the set and of each key",
		lookupMiss:        "passes all keys; a read lock of the set and of each key",
		lookupParallel:    "passes all keys; a read lock of the set and of each key",
		selectUse:         "its user's loop over the keys, compares use alone; read locks",
		selectOps:         "its user's loop over the keys, compares key_ops alone; read locks",
		selectAlg:         "its user's loop over the keys, compares alg alone; read locks",
		goKeyOfKID:        "passes all keys; the Go key is made and checked anew each time",
		thumbprintFirst:   "not kept; an EC key's point is checked again",
		thumbprintLater:   "not kept; an EC key's point is checked again",
		marshalKey:        "written anew, members sorted",
		marshalSet:        "written anew, members sorted",
		memoryParsed:      "without the text; Go keys not yet made",
		memoryWithKeys:    "without the text; Go keys made anew each time, none kept",
		binarySize:        "its own checks",
	},
}
