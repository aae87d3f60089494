package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A certificateReport describes a certificate in the x5c of a key.
type certificateReport struct {
	Subject   string `json:"subject"`
	Issuer    string `json:"issuer"`
	NotBefore string `json:"not_before"`
	NotAfter  string `json:"not_after"`
	SHA256    string `json:"sha256"`
}

// certificatesOf returns the chain of a key. It is empty if crypto/x509 cannot read the chain, and a
// note says so then.
func certificatesOf(k *jwk.Key) []certificateReport {
	chain, _ := k.Certificates()
	var reports []certificateReport
	for _, c := range chain {
		digest := sha256.Sum256(c.Raw)
		reports = append(reports, certificateReport{
			Subject:   c.Subject.String(),
			Issuer:    c.Issuer.String(),
			NotBefore: instant(c.NotBefore),
			NotAfter:  instant(c.NotAfter),
			SHA256:    hex.EncodeToString(digest[:]),
		})
	}
	return reports
}

// certificateTable returns the certificates of all keys for people. It has no rows if no key has
// a certificate.
func (r *report) certificateTable() *terminal.Table {
	t := &terminal.Table{Columns: []terminal.Column{
		{Name: "INDEX"},
		{Name: "CERT"},
		{Name: "SUBJECT", Cut: true},
		{Name: "FROM", Below: terminal.Last},
		{Name: "UNTIL"},
		{Name: "ISSUER", Below: terminal.First},
		{Name: "SHA256", Below: terminal.First},
	}}
	for _, k := range r.Keys {
		for i, c := range k.Certificates {
			issuer := terminal.Word(c.Issuer)
			if c.Issuer == c.Subject {
				issuer = "" // certified by itself
			}
			t.Rows = append(t.Rows, []string{strconv.Itoa(k.Index), strconv.Itoa(i), terminal.Word(c.Subject),
				c.NotBefore, c.NotAfter, issuer, c.SHA256})
		}
	}
	return t
}
