package main

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/MicahParks/jwkset"
)

const (
	jwksetUse     = "use and key_ops are registered; "
	jwksetPass    = "accepts duplicates, invalid UTF-8, padding, line breaks and stray bits in base64"
	jwksetChecked = "; encoded again and compared; " + jwksetPass + jwksetMade
	jwksetMade    = "; Go key made"
	jwksetMadeSet = "; Go keys made"
	jwksetNothing = "; does not check RSA keys, use and key_ops; " + jwksetPass + jwksetMadeSet
	jwksetSet     = "points on their curves, length of Ed25519 keys" + jwksetNothing
	jwksetHit     = "reads the keys up to that one, copies each; a read lock"
	jwksetWritten = "written anew; members that it does not know are lost"
	jwksetMemory  = "without the text, with every member as a string" + jwksetMadeSet
)

// jwksetLibrary calls NewJWKFromRawJSON for one key. For a set it calls JWKSlice, which the
// package itself uses to fill its storage. This is faster than the validation of each key in
// its HTTP client. It looks keys up with MemoryJWKSet.KeyRead, gets the Go key with JWK.Key,
// and marshals with Storage.JSON, which is faster than JSONPublic. It loops over the slice,
// because KeyReadAll copies.
var jwksetLibrary = peer[jwkset.JWK, []jwkset.JWK]{
	name:   "jwkset",
	module: "github.com/MicahParks/jwkset",
	color:  "#56b4e9",

	parse: func(text []byte) (jwkset.JWK, error) {
		// Without Private, the key would become public.
		return jwkset.NewJWKFromRawJSON(text, jwkset.JWKMarshalOptions{Private: true}, jwkset.JWKValidateOptions{})
	},
	parseSet: func(text []byte, _ int) ([]jwkset.JWK, error) {
		var raw jwkset.JWKSMarshal
		if err := json.Unmarshal(text, &raw); err != nil {
			return nil, err
		}
		return raw.JWKSlice()
	},
	keys:  func(s []jwkset.JWK) []jwkset.JWK { return s },
	kid:   func(k jwkset.JWK) string { return k.Marshal().KID },
	goKey: func(k jwkset.JWK) (any, error) { return k.Key(), nil },
	askAll: func(s []jwkset.JWK) error {
		for i := range s {
			if s[i].Key() == nil {
				return errNoGoKey
			}
		}
		return nil
	},
	find: func(s []jwkset.JWK, kid string) (jwkset.JWK, bool) {
		k, err := storage(s).KeyRead(context.Background(), kid)
		return k, err == nil
	},

	marshal: func(k jwkset.JWK) ([]byte, error) { return json.Marshal(k.Marshal()) },
	marshalSet: func(s []jwkset.JWK) ([]byte, error) {
		return storage(s).JSON(context.Background())
	},

	lookups: func(s []jwkset.JWK, kids []string, hit bool) func(n int) {
		store := storage(s)
		ctx := context.Background()
		return func(n int) {
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				if _, err := store.KeyRead(ctx, kid); err == nil != hit {
					wrong("found or not: " + kid)
				}
			}
		}
	},
	goKeys: func(s []jwkset.JWK, kids []string) func(n int) {
		store := storage(s)
		ctx := context.Background()
		return func(n int) {
			r := round[string]{items: kids}
			for range n {
				kid := r.next()
				if k, err := store.KeyRead(ctx, kid); err != nil || k.Key() == nil {
					wrong("no key " + kid)
				}
			}
		}
	},
	selects: func(s []jwkset.JWK, by ability) func(n int) {
		// Only Marshal, which copies, returns these members.
		return countAnswers(map[ability]func() int{
			selectUse: func() (found int) {
				for i := range s {
					if s[i].Marshal().USE == jwkset.UseEnc {
						found++
					}
				}
				return found
			},
			selectOps: func() (found int) {
				for i := range s {
					if slices.Contains(s[i].Marshal().KEYOPS, jwkset.KeyOpsDeriveKey) {
						found++
					}
				}
				return found
			},
			selectAlg: func() (found int) {
				for i := range s {
					if s[i].Marshal().ALG == jwkset.AlgECDHESA256KW {
						found++
					}
				}
				return found
			},
		}[by])
	},

	command: "jwkset",

	checks: map[ability]string{
		parseRSA:          jwksetUse + "exponent from 2 to 2^31-1, any size" + jwksetChecked,
		parseEC:           jwksetUse + "point on the curve" + jwksetChecked,
		parseOKP:          jwksetUse + "length" + jwksetChecked,
		parseRSAPrivate:   "as the public key; crypto/rsa's Validate, twice" + jwksetMade + ", not precomputed",
		parseECPrivate:    "as the public key; d in range, not compared with the point" + jwksetMade,
		parseOKPPrivate:   "as the public key; length of d, not compared with x" + jwksetMade,
		parseSet:          jwksetSet,
		parseNarrowSet:    "points on their curves" + jwksetNothing,
		parseSetAndKeys:   jwksetSet,
		parseCertificates: "every certificate parsed, not compared with the key or x5t; does not check RSA keys; " + jwksetPass + jwksetMadeSet,
		lookupHit:         jwksetHit,
		lookupMiss:        "reads all keys, copies each; a read lock; makes an error",
		lookupAny:         jwksetHit,
		lookupParallel:    jwksetHit,
		selectUse:         "a loop of the user over the keys, compares only use",
		selectOps:         "a loop of the user over the keys, compares only key_ops",
		selectAlg:         "a loop of the user over the keys, compares only alg",
		goKeyOfKID:        jwksetHit + "; the Go key is kept",
		marshalKey:        jwksetWritten,
		marshalSet:        jwksetWritten,
		memoryParsed:      jwksetMemory,
		memoryWithKeys:    jwksetMemory,
		binarySize:        "its own checks; net/http is in the same package",
	},
}

// jwksetClient is jwkset with the set reader of its HTTP client, which validates each key. Most
// users of jwkset use the client, and its checks are closer to those of other libraries.
var jwksetClient = peer[jwkset.JWK, []jwkset.JWK]{
	name:   "jwkset (client)",
	module: jwksetLibrary.module,
	color:  "#cc79a7",

	parseSet: func(text []byte, n int) ([]jwkset.JWK, error) {
		var raw jwkset.JWKSMarshal
		if err := json.Unmarshal(text, &raw); err != nil {
			return nil, err
		}
		keys := make([]jwkset.JWK, 0, len(raw.Keys))
		for _, m := range raw.Keys {
			k, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{Private: true}, jwkset.JWKValidateOptions{})
			if err != nil {
				return nil, err
			}
			keys = append(keys, k)
		}
		return keys, nil
	},
	keys:   jwksetLibrary.keys,
	kid:    jwksetLibrary.kid,
	goKey:  jwksetLibrary.goKey,
	askAll: jwksetLibrary.askAll,

	checks: map[ability]string{
		parseSet:          everyKey + jwksetMadeSet,
		parseNarrowSet:    everyKey + jwksetMadeSet,
		parseSetAndKeys:   everyKey + jwksetMadeSet,
		parseCertificates: "as other sets; every certificate parsed, the first certificate is for this key, x5t is its digest" + jwksetMadeSet,
	},
}

// storage returns a storage with the keys of a set, for lookups.
func storage(s []jwkset.JWK) *jwkset.MemoryJWKSet {
	store := jwkset.NewMemoryStorage()
	if err := store.KeyReplaceAll(context.Background(), s); err != nil {
		panic(err)
	}
	return store
}
