package jwk

import (
	"bytes"
	"slices"
)

// The order of the certificates of a file, by the names of their subjects and issuers (RFC
// 5280, Sections 4.1.2.4 and 4.1.2.6). Signatures are not verified: see VerifyCertificates.

// A certificateIndex finds the certificates of a file by name. A place is the index of an entry
// of the file.
type certificateIndex struct {
	certificates map[int]*certificate // by place
	bySubject    map[string][]int     // places of the certificates that can be used, in order
	issuers      map[string]bool      // issuers of certificates that are not self-issued
}

// add adds the certificate at a place. Places must be added in order. A certificate that
// cannot be used is not in a chain, but its issuer is still an authority.
func (x *certificateIndex) add(place int, c *certificate, usable bool) {
	x.certificates[place] = c
	if usable {
		x.bySubject[string(c.subject)] = append(x.bySubject[string(c.subject)], place)
	}
	if !c.isSelfIssued() {
		x.issuers[string(c.issuer)] = true
	}
}

// isAuthority reports whether a certificate issued another certificate of the file.
func (x *certificateIndex) isAuthority(c *certificate) bool { return x.issuers[string(c.subject)] }

// isSelfIssued reports whether subject and issuer have the same name (RFC 5280, Section 3.2).
func (c *certificate) isSelfIssued() bool { return bytes.Equal(c.issuer, c.subject) }

// chain returns the places of the certificates of a chain: first the certificate at first, and
// after each certificate its issuer. If the chain is longer than maxCertificates, it is cut,
// and next is the place of the first certificate that was left out; otherwise next is -1.
func (x *certificateIndex) chain(first int) (places []int, next int) {
	for at := first; at >= 0; {
		if len(places) == maxCertificates {
			return places, at
		}
		places = append(places, at)
		c := x.certificates[at]
		if c.isSelfIssued() {
			break
		}
		at = nearest(x.bySubject[string(c.issuer)], at, places)
	}
	return places, -1
}

// nearest returns the first of the places after at, or else the last one before at, or else
// -1. It skips the places in chain, which are at most maxCertificates.
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
