package main

import (
	"crypto"
	"encoding/json"
	"slices"

	jwx "github.com/lestrrat-go/jwx/v4/jwk"
)

// jwxMaxKeys is the default limit of jwx on the keys of a set.
const jwxMaxKeys = 1000

const (
	jwxChecked = "no duplicate members, UTF-8, use is registered; accepts padding, line breaks, stray bits and either alphabet of base64; "
	jwxLazy    = "; Go key not yet made"
	jwxLazySet = "; Go keys not yet made"
	jwxHit     = "reads the keys up to that one; a read lock of the set and of each key"
	jwxPrint   = "not kept; an EC key's point is checked again"
	jwxWritten = "written anew, members sorted"
)

// jwxLibrary calls jwk.ParseKey and jwk.Parse; Set.LookupKeyID; jwk.Export and jwk.ExportAll,
// which suit sets with several types of keys; and MarshalJSON of keys and sets, which is faster
// than encoding/json. It loops over a set with Len and Key, which are faster than All, because
// All copies. It verifies tokens with jws.Verify.
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
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				if _, ok := s.LookupKeyID(kid); ok != hit {
					wrong("found or not: " + kid)
				}
			}
		}
	},
	goKeys: func(s jwx.Set, kids []string) func(n int) {
		return func(n int) {
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				k, ok := s.LookupKeyID(kid)
				if !ok {
					wrong("no key " + kid)
				}
				if _, err := jwx.Export[any](k); err != nil {
					panic(err)
				}
			}
		}
	},
	selects: func(s jwx.Set, by ability) func(n int) {
		return countAnswers(map[ability]func() int{
			selectUse: func() (found int) {
				for i := range s.Len() {
					k, _ := s.Key(i)
					if use, _ := k.KeyUsage(); use == "enc" {
						found++
					}
				}
				return found
			},
			selectOps: func() (found int) {
				for i := range s.Len() {
					k, _ := s.Key(i)
					if ops, _ := k.KeyOps(); slices.Contains(ops, jwx.KeyOpDeriveKey) {
						found++
					}
				}
				return found
			},
			selectAlg: func() (found int) {
				for i := range s.Len() {
					k, _ := s.Key(i)
					if alg, ok := k.Algorithm(); ok && alg.String() == "ECDH-ES+A256KW" {
						found++
					}
				}
				return found
			},
		}[by])
	},

	verify: verifyJWX,

	command: "jwx",

	checks: map[ability]string{
		parseRSA:          jwxChecked + "at least 2048 bits, odd exponent from 3" + jwxLazy,
		parseEC:           jwxChecked + "full-width coordinates, point on the curve" + jwxLazy,
		parseOKP:          jwxChecked + "length" + jwxLazy,
		parseRSAPrivate:   "as the public key; private members not compared with it" + jwxLazy,
		parseECPrivate:    "as the public key; length of d, but not its range, and not compared with the point" + jwxLazy,
		parseOKPPrivate:   "as the public key; length of d, not compared with x" + jwxLazy,
		parseSet:          everyKey + jwxLazySet,
		parseNarrowSet:    everyKey + jwxLazySet,
		parseSetAndKeys:   everyKey + "; n, e and points once more for the Go keys",
		parseCertificates: "as other sets; every certificate parsed, not compared with the key or x5t" + jwxLazySet,
		lookupHit:         jwxHit,
		lookupMiss:        "reads all keys; a read lock of the set and of each key",
		lookupAny:         jwxHit,
		lookupParallel:    jwxHit,
		selectUse:         "a loop of the user over the keys, compares only use; read locks",
		selectOps:         "a loop of the user over the keys, compares only key_ops; read locks",
		selectAlg:         "a loop of the user over the keys, compares only alg; read locks",
		goKeyOfKID:        jwxHit + "; the Go key is made and checked anew each time",
		verifyRS256:       jwxVerified,
		verifyEdDSA:       jwxVerified,
		thumbprintFirst:   jwxPrint,
		thumbprintLater:   jwxPrint,
		marshalKey:        jwxWritten,
		marshalSet:        jwxWritten,
		memoryParsed:      "without the text" + jwxLazySet,
		memoryWithKeys:    "without the text; Go keys made anew each time, not kept",
		binarySize:        "its own checks",
	},
}
