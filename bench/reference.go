package main

import (
	"bytes"
	"crypto/sha256"
)

// These references are not libraries. They do the work by hand with keys that are known
// beforehand.

const mapLookup = "one lookup in a map[string]*key"

// mapLibrary looks keys up in a Go map from kids to keys.
var mapLibrary = library{
	name: "Go map",
	kind: reference,
	checks: map[ability]string{
		lookupHit:      mapLookup,
		lookupMiss:     mapLookup,
		lookupAny:      mapLookup,
		lookupParallel: mapLookup,
		goKeyOfKID:     "one lookup in a map[string]crypto.PublicKey",
	},
	enter: func(does ability, in *input) (work, error) {
		if does == goKeyOfKID {
			m := make(map[string]any, len(in.keys))
			for _, k := range in.keys {
				m[k.kid] = k.goKey
			}
			kids := in.kids(true)
			return work{loop: func(n int) {
				r := round[string]{items: kids}
				for range n {
					kid := r.next()
					if m[kid] == nil {
						wrong("no key " + kid)
					}
				}
			}}, nil
		}
		m := make(map[string]*inputKey, len(in.keys))
		for i := range in.keys {
			m[in.keys[i].kid] = &in.keys[i]
		}
		loop := func(kids []string) func(n int) {
			hit := does != lookupMiss
			return func(n int) {
				r := round[string]{items: kids}
				for range n {
					kid := r.next()
					if _, ok := m[kid]; ok != hit {
						wrong("found or not: " + kid)
					}
				}
			}
		}
		kids := in.kids(does != lookupMiss)
		if does == lookupAny {
			kids = in.allKIDs()
		}
		if does == lookupParallel {
			return work{parallel: true, loop: parallel(kids, loop)}, nil
		}
		return work{loop: loop(kids)}, nil
	},
}

// freshKeys is the number of keys that get their first thumbprint before new keys are parsed.
// It is large enough that the effects of parsing on the processor do not count, and small
// enough that the keys stay in the caches of the processor.
const freshKeys = 1024

// hashLibrary hashes the canonical text of RFC 7638 with crypto/sha256.
var hashLibrary = library{
	name: "SHA-256",
	kind: reference,
	checks: map[ability]string{
		thumbprintFirst: "crypto/sha256 of the canonical text, made beforehand",
		thumbprintLater: "crypto/sha256 of the canonical text, made beforehand",
	},
	enter: func(does ability, in *input) (work, error) {
		texts := make([][]byte, len(in.keys))
		for i, k := range in.keys {
			texts[i] = []byte(k.canonical)
		}
		loop := func(n int) {
			var sum byte
			for i := range n {
				digest := sha256.Sum256(texts[i%len(texts)])
				sum ^= digest[0]
			}
			sink = sum
		}
		return work{loop: loop}, nil
	},
}

// copyLibrary copies the text of a key or a set.
var copyLibrary = library{
	name: "copy",
	kind: reference,
	checks: map[ability]string{
		marshalKey: "a copy of the text",
		marshalSet: "a copy of the text",
	},
	enter: func(_ ability, in *input) (work, error) {
		return work{loop: func(n int) {
			for range n {
				copied := bytes.Clone(in.text)
				copiedSink = copied
			}
		}}, nil
	},
}

// copiedSink is a sink for octets. Unlike sink, it does not allocate.
//
//lint:ignore U1000 the loops only write to it
var copiedSink []byte
