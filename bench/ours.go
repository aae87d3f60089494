package main

import (
	"github.com/seed1f6cf2d3/jwk"
)

const (
	oursChecked = "JSON (one object, no duplicates, UTF-8), canonical base64url, agreement of use, key_ops and alg; "
	oursLazy    = "; Go key made on request"
	oursLazySet = "; Go keys made on request, except for EC keys"
	oursEvery   = "all checks of a single key, for every key; kid index "
	oursHit     = "index; the first key of that kid"
	oursWritten = "refuses private keys; writes the text that was read, with every member"
	oursFresh   = "refuses a set that could not be refreshed for 24 hours; index, no lock"
	oursAlg     = "rules out keys whose type, curve or use does not suit the algorithm"
)

// ourLibrary calls jwk.Parse and jwk.ParseSet with all checks, Set.Lookup, Set.Select,
// Key.PublicKey, and Find of jwkhttp.Client. It verifies tokens with golang-jwt and Set.FindAll.
var ourLibrary = peer[*jwk.Key, *jwk.Set]{
	name:   "jwk",
	module: "github.com/seed1f6cf2d3/jwk",
	color:  "#d55e00",

	parse: jwk.Parse,
	parseSet: func(text []byte, n int) (*jwk.Set, error) {
		if n <= 10_000 {
			return jwk.ParseSet(text)
		}
		return (&jwk.Parser{MaxKeys: n, MaxBytes: len(text)}).ParseSet(text)
	},
	keys: func(s *jwk.Set) []*jwk.Key {
		keys := make([]*jwk.Key, s.Len())
		for i := range keys {
			keys[i] = s.At(i)
		}
		return keys
	},
	kid: (*jwk.Key).KeyID,
	goKey: func(k *jwk.Key) (any, error) {
		if k.IsPrivate() {
			return k.PrivateKey(), nil
		}
		return k.PublicKey(), nil
	},
	askAll: func(s *jwk.Set) error {
		for k := range s.All() {
			if k.PublicKey() == nil {
				return errNoGoKey
			}
		}
		return nil
	},
	find: (*jwk.Set).Lookup,

	thumbprint: func(k *jwk.Key) ([]byte, error) {
		t := k.Thumbprint()
		return t[:], nil
	},
	marshal:    (*jwk.Key).MarshalJSON,
	marshalSet: (*jwk.Set).MarshalJSON,

	lookups: func(s *jwk.Set, kids []string, hit bool) func(n int) {
		return func(n int) {
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				if _, ok := s.Lookup(kid); ok != hit {
					wrong("found or not: " + kid)
				}
			}
		}
	},
	goKeys: func(s *jwk.Set, kids []string) func(n int) {
		return func(n int) {
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				if k, ok := s.Lookup(kid); !ok || k.PublicKey() == nil {
					wrong("no key " + kid)
				}
			}
		}
	},
	selects: func(s *jwk.Set, by ability) func(n int) {
		q := map[ability]jwk.Query{
			selectUse: {Use: jwk.UseEnc},
			selectOps: {Ops: jwk.OpDeriveKey},
			selectAlg: {Algorithm: jwk.ECDHESA256KW},
		}[by]
		return countAnswers(func() (found int) {
			for range s.Select(q) {
				found++
			}
			return found
		})
	},
	thumbprints: func(keys []*jwk.Key) func(n int) {
		if len(keys) == 1 {
			k := keys[0]
			return func(n int) {
				var sum byte
				for range n {
					t := k.Thumbprint()
					sum ^= t[0]
				}
				sink = sum
			}
		}
		return func(n int) {
			var sum byte
			for _, k := range keys[:n] {
				t := k.Thumbprint()
				sum ^= t[0]
			}
			sink = sum
		}
	},

	fetch:  fetchOurs,
	verify: verifyOurs,

	command: "ours",

	checks: map[ability]string{
		parseRSA:          oursChecked + "2048 to 8192 bits, odd modulus, not of the ROCA form, odd exponent from 3 to 2^31-1" + oursLazy,
		parseEC:           oursChecked + "full-width coordinates, point on the curve; Go key made",
		parseOKP:          oursChecked + "length, below the prime, not of small order" + oursLazy,
		parseRSAPrivate:   oursChecked + "p*q = n; d, dp, dq, qi belong to them; precomputed for use",
		parseECPrivate:    oursChecked + "point on the curve, d in range, d belongs to the point",
		parseOKPPrivate:   oursChecked + "d belongs to x",
		parseSet:          oursEvery + "made" + oursLazySet,
		parseNarrowSet:    oursEvery + "made" + oursLazySet,
		parseSetAndKeys:   oursEvery + "and Go keys made",
		parseCertificates: "as other sets; the first certificate is for this key, x5t is its digest; chains parsed on request" + oursLazy,
		lookupHit:         oursHit,
		lookupMiss:        "index",
		lookupAny:         oursHit,
		lookupParallel:    "index, no lock",
		selectUse:         "index; finds keys that do not state a use, too",
		selectOps:         "index; rules out keys whose type, use or privateness forbids it",
		selectAlg:         "index; " + oursAlg,
		selectFirst:       "makes the index of selections; " + oursAlg,
		goKeyOfKID:        "index; the Go key is kept",
		fetchedKey:        "type, curve, alg, use and key_ops fit; " + oursFresh + "; the Go key is kept",
		fetchedVerify:     "the signature; type, curve, alg, use and key_ops fit; " + oursFresh,
		verifyRS256:       oursVerified,
		verifyEdDSA:       oursVerified,
		thumbprintFirst:   "kept for later",
		thumbprintLater:   "kept from the first call",
		marshalKey:        oursWritten,
		marshalSet:        oursWritten,
		memoryParsed:      "with the text of every key and a kid index; Go keys not yet made",
		memoryWithKeys:    "with the text of every key and a kid index; Go keys kept",
		binarySize:        "all checks; no net/http",
	},
}
