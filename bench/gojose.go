package main

import (
	"crypto"
	"encoding/json"

	"github.com/go-jose/go-jose/v4"
)

// What is called: JSONWebKey.UnmarshalJSON, which is faster than to go through
// encoding/json; json.Unmarshal of a JSONWebKeySet, which has no method of its
// own; JSONWebKeySet.Key, which returns all keys of a kid; JSONWebKey.Key,
// which is the Go key.
var goJose = peer[*jose.JSONWebKey, *jose.JSONWebKeySet]{
	name:   "go-jose",
	module: "github.com/go-jose/go-jose/v4",
	color:  "#0072b2",

	parse: func(text []byte) (*jose.JSONWebKey, error) {
		k := new(jose.JSONWebKey)
		return k, k.UnmarshalJSON(text)
	},
	parseSet: func(text []byte, _ int) (*jose.JSONWebKeySet, error) {
		s := new(jose.JSONWebKeySet)
		return s, json.Unmarshal(text, s)
	},
	keys: func(s *jose.JSONWebKeySet) []*jose.JSONWebKey {
		keys := make([]*jose.JSONWebKey, len(s.Keys))
		for i := range keys {
			keys[i] = &s.Keys[i]
		}
		return keys
	},
	kid:   func(k *jose.JSONWebKey) string { return k.KeyID },
	goKey: func(k *jose.JSONWebKey) (any, error) { return k.Key, nil },
	askAll: func(s *jose.JSONWebKeySet) error {
		for i := range s.Keys {
			if s.Keys[i].Key == nil {
				return errNoGoKey
			}
		}
		return nil
	},
	find: func(s *jose.JSONWebKeySet, kid string) (*jose.JSONWebKey, bool) {
		keys := s.Key(kid)
		if len(keys) == 0 {
			return nil, false
		}
		return &keys[0], true
	},

	thumbprint: func(k *jose.JSONWebKey) ([]byte, error) { return k.Thumbprint(crypto.SHA256) },
	marshal:    func(k *jose.JSONWebKey) ([]byte, error) { return k.MarshalJSON() },
	marshalSet: func(s *jose.JSONWebKeySet) ([]byte, error) { return json.Marshal(s) },

	lookups: func(s *jose.JSONWebKeySet, kids []string, hit bool) func(n int) {
		return func(n int) {
			for i := range n {
				kid := kids[i%manyKIDs]
				if keys := s.Key(kid); len(keys) > 0 != hit {
					wrong("found or not:", kid)
				}
			}
		}
	},
	goKeys: func(s *jose.JSONWebKeySet, kids []string) func(n int) {
		return func(n int) {
			for i := range n {
				kid := kids[i%manyKIDs]
				if keys := s.Key(kid); len(keys) == 0 || keys[0].Key == nil {
					wrong("no key", kid)
				}
			}
		}
	},
	selects: func(s *jose.JSONWebKeySet, by ability) func(n int) {
		return func(n int) {
			for range n {
				found := 0
				for i := range s.Keys {
					k := &s.Keys[i]
					if by == selectUse && k.Use == "enc" || by == selectAlg && k.Algorithm == "ECDH-ES+A256KW" {
						found++
					}
				}
				if found != answers {
					wrong("another number of keys", "")
				}
			}
		}
	},
	thumbprints: func(keys []*jose.JSONWebKey) func(n int) {
		return func(n int) {
			for i := range n {
				if _, err := keys[i%len(keys)].Thumbprint(crypto.SHA256); err != nil {
					panic(err)
				}
			}
		}
	},

	command: "gojose",

	checks: map[ability]string{
		parseRSA:          "no duplicate members; invalid UTF-8, line breaks and stray bits in base64 pass; at most 4096 bits, exponent from 2; Go key made",
		parseEC:           "no duplicate members; invalid UTF-8, line breaks and stray bits in base64 pass; full-width coordinates, point on the curve; Go key made",
		parseOKP:          "no duplicate members; invalid UTF-8, line breaks and stray bits in base64 pass; length, not of small order; Go key made",
		parseRSAPrivate:   "no duplicate members; invalid UTF-8, line breaks and stray bits in base64 pass; p*q = n, crypto/rsa's Validate; Go key made, not precomputed",
		parseECPrivate:    "no duplicate members; invalid UTF-8, line breaks and stray bits in base64 pass; full widths, point on the curve; d neither in range nor held against it; Go key made",
		parseOKPPrivate:   "no duplicate members; invalid UTF-8, line breaks and stray bits in base64 pass; d belongs to x; Go key made",
		parseSet:          "what it checks of one key, of every key; Go keys made",
		parseNarrowSet:    "what it checks of one key, of every key; Go keys made",
		parseSetAndKeys:   "what it checks of one key, of every key; Go keys made",
		parseCertificates: "as other sets; every certificate parsed, the leaf's key is this key, x5t is the leaf's digest; Go keys made",
		lookupHit:         "passes all keys; copies those of that kid into a new slice",
		lookupMiss:        "passes all keys",
		lookupParallel:    "passes all keys, no lock; copies those of that kid into a new slice",
		selectUse:         "its user's loop over the keys, compares use alone",
		selectAlg:         "its user's loop over the keys, compares alg alone",
		goKeyOfKID:        "passes all keys; the Go key is kept",
		thumbprintFirst:   "made of the Go key; not kept",
		thumbprintLater:   "made of the Go key; not kept",
		marshalKey:        "written anew; key_ops and members that it does not know are lost",
		marshalSet:        "written anew; key_ops and members that it does not know are lost",
		memoryParsed:      "without the text; Go keys made",
		memoryWithKeys:    "without the text; Go keys made",
		binarySize:        "its own checks; JWS and JWE are in the same package",
	},
}
