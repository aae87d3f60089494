package jwk

import (
	"bytes"
	"slices"
)

// The order of the certificates of a file, by the names of their subjects and issuers (RFC
// 5280, Sections 4.1.2.4 and 4.1.2.6). Signatures are not verified: see VerifyCertificates.

// certificateNames are the names in the certificates of a file.
type certificateNames struct {
	bySubject map[string][]int // places of certificates that can be used, in order
	issuers   map[string]bool  // of certificates that are not self-issued
}

// names collects the names, and returns nil if there is no certificate.
func (b *bundle) names() *certificateNames {
	var n *certificateNames
	for i, e := range b.entries {
		c := e.certificate
		if c == nil {
			continue
		}
		if n == nil {
			n = &certificateNames{make(map[string][]int), make(map[string]bool)}
		}
		if e.err == nil {
			n.bySubject[string(c.subject)] = append(n.bySubject[string(c.subject)], i)
		}
		if !c.selfIssued() {
			n.issuers[string(c.issuer)] = true
		}
	}
	return n
}

// selfIssued reports whether subject and issuer have the same name (RFC 5280, Section 3.2).
func (c *certificate) selfIssued() bool { return bytes.Equal(c.issuer, c.subject) }

// chain returns the places of the certificates of a chain, the leaf first and each followed
// by its issuer. more is the place of an issuer for which the chain is too long, or -1.
func (n *certificateNames) chain(entries []*bundleEntry, leaf int) (places []int, more int) {
	for at := leaf; at >= 0; {
		if len(places) == maxCertificates {
			return places, at
		}
		places = append(places, at)
		c := entries[at].certificate
		if c.selfIssued() {
			break
		}
		at = nearest(n.bySubject[string(c.issuer)], at, places)
	}
	return places, -1
}

// nearest returns the first of the places after at, else the last before it, else -1. It
// passes over the places of the chain, at most maxCertificates.
func nearest(places []int, at int, chain []int) int {
	i, _ := slices.BinarySearch(places, at)
	for _, place := range places[i:] {
		if !slices.Contains(chain, place) {
			return place
		}
	}
	for _, place := range slices.Backward(places[:i]) {
		if !slices.Contains(chain, place) {
			return place
		}
	}
	return -1
}
