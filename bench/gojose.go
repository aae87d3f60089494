package main

import (
	"crypto"
	"encoding/json"

	"github.com/go-jose/go-jose/v4"
)

const (
	goJoseChecked = "no duplicate members; accepts invalid UTF-8, line breaks and stray bits in base64; "
	goJoseMade    = "; Go key made"
	goJoseSet     = everyKey + "; Go keys made"
	goJoseHit     = "reads all keys; copies the keys with that kid into a new slice"
	goJosePrint   = "made from the Go key; not kept"
	goJoseWritten = "written anew; key_ops and members that it does not know are lost"
	goJoseMemory  = "without the text; Go keys made"
)

// goJose calls JSONWebKey.UnmarshalJSON, which is faster than encoding/json. It calls
// json.Unmarshal for a JSONWebKeySet, which has no method for this. JSONWebKeySet.Key returns
// all keys with a kid, and the field JSONWebKey.Key holds the Go key.
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
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				if keys := s.Key(kid); len(keys) > 0 != hit {
					wrong("found or not: " + kid)
				}
			}
		}
	},
	goKeys: func(s *jose.JSONWebKeySet, kids []string) func(n int) {
		return func(n int) {
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				if keys := s.Key(kid); len(keys) == 0 || keys[0].Key == nil {
					wrong("no key " + kid)
				}
			}
		}
	},
	selects: func(s *jose.JSONWebKeySet, by ability) func(n int) {
		return countAnswers(map[ability]func() int{
			selectUse: func() (found int) {
				for i := range s.Keys {
					if s.Keys[i].Use == "enc" {
						found++
					}
				}
				return found
			},
			selectAlg: func() (found int) {
				for i := range s.Keys {
					if s.Keys[i].Algorithm == "ECDH-ES+A256KW" {
						found++
					}
				}
				return found
			},
		}[by])
	},

	command: "gojose",

	checks: map[ability]string{
		parseRSA:          goJoseChecked + "at most 4096 bits, exponent from 2" + goJoseMade,
		parseEC:           goJoseChecked + "full-width coordinates, point on the curve" + goJoseMade,
		parseOKP:          goJoseChecked + "length, not of small order" + goJoseMade,
		parseRSAPrivate:   goJoseChecked + "p*q = n, crypto/rsa's Validate" + goJoseMade + ", not precomputed",
		parseECPrivate:    goJoseChecked + "full widths, point on the curve; range of d not checked, d not compared with the point" + goJoseMade,
		parseOKPPrivate:   goJoseChecked + "d belongs to x" + goJoseMade,
		parseSet:          goJoseSet,
		parseNarrowSet:    goJoseSet,
		parseSetAndKeys:   goJoseSet,
		parseCertificates: "as other sets; every certificate parsed, the first certificate is for this key, x5t is its digest; Go keys made",
		lookupHit:         goJoseHit,
		lookupMiss:        "reads all keys",
		lookupAny:         goJoseHit,
		lookupParallel:    goJoseHit + "; no lock",
		selectUse:         "a loop of the user over the keys, compares only use",
		selectAlg:         "a loop of the user over the keys, compares only alg",
		goKeyOfKID:        goJoseHit + "; the Go key is kept",
		thumbprintFirst:   goJosePrint,
		thumbprintLater:   goJosePrint,
		marshalKey:        goJoseWritten,
		marshalSet:        goJoseWritten,
		memoryParsed:      goJoseMemory,
		memoryWithKeys:    goJoseMemory,
		binarySize:        "its own checks; JWS and JWE are in the same package",
	},
}
