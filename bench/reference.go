package main

import (
	"bytes"
	"crypto/sha256"
)

// References are not libraries. They do the work as a program by hand would, which knows the keys in
// advance.

const mapLookup = "one lookup in a map[string]*key"

// mapLibrary is a Go map from kids to keys.
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
				r := round{kids: kids}
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
				r := round{kids: kids}
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

// freshKeys is the number of keys that get their first thumbprint before new keys are parsed: enough
// that the state of the processor after parsing does not count, and few enough for its caches.
const freshKeys = 1024

// hashLibrary computes SHA-256 of the text that RFC 7638 hashes.
var hashLibrary = library{
	name: "SHA-256",
	kind: reference,
	checks: map[ability]string{
		thumbprintFirst: "crypto/sha256 of the canonical text, which is at hand",
		thumbprintLater: "crypto/sha256 of the canonical text, which is at hand",
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

// copyLibrary copies a text.
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

// copiedSink is a sink that needs no allocation.
//
//lint:ignore U1000 it is only written to
var copiedSink []byte
