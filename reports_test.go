package jwk_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// A report is what a public bug report, or a published set, gave to a library, and what
// this one makes of it with Lenient and PublicOnly.
type report struct {
	File, Problem string
	Sources       []string

	Keys         int      // that can be used; 0 for any number
	KeyID        string   `json:"kid"`
	Thumbprint   string   // of the key with that kid
	Certificates int      // of that key
	Deviations   []string // of all keys, sorted: path and code
	Query        *jwk.Query
	JOSE         string // how the error of Set.JOSE begins
}

// TestReports: what others reported about sets that are harmless is read, and reported.
func TestReports(t *testing.T) {
	const folder = "testdata/reports"
	text, err := os.ReadFile(filepath.Join(folder, "reports.json"))
	if err != nil {
		t.Fatal(err)
	}
	var reports []report
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&reports); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != len(reports)+1 {
		t.Errorf("got %d files, %v; want one for each of %d reports, and their list", len(files), err, len(reports))
	}
	for _, r := range reports {
		t.Run(r.File, func(t *testing.T) {
			if r.Problem == "" || len(r.Sources) == 0 {
				t.Error("got a report without a problem or without a source")
			}
			text, err := os.ReadFile(filepath.Join(folder, r.File))
			if err != nil {
				t.Fatal(err)
			}
			p := jwk.Parser{Lenient: true, PublicOnly: true}
			s, err := p.ParseSet(text)
			if err != nil {
				t.Fatal(err)
			}
			if r.Keys != 0 && s.Len() != r.Keys {
				t.Errorf("got %d keys and %v, want %d keys", s.Len(), s.Skipped(), r.Keys)
			}
			var deviations []string
			for k := range s.All() {
				if k.IsPrivate() {
					t.Errorf("got private key %v, want public keys only", k)
				}
				for _, d := range k.Deviations() {
					deviations = append(deviations, string(d.Path)+" "+string(d.Code))
				}
			}
			slices.Sort(deviations)
			slices.Sort(r.Deviations)
			if !slices.Equal(deviations, r.Deviations) {
				t.Errorf("got deviations %q, want %q", deviations, r.Deviations)
			}
			r.checkKey(t, s)
			if r.Query != nil {
				if k, err := s.Find(t.Context(), *r.Query); err != nil || k.KeyID() != r.KeyID {
					t.Errorf("Find: got %v, %v; want the key %s", k, err, r.KeyID)
				}
			}
			if r.JOSE != "" {
				set, err := s.JOSE()
				if len(set.Keys) != r.Keys || err == nil || !strings.HasPrefix(err.Error(), "jwk: "+r.JOSE) {
					t.Errorf("JOSE: got %d keys, %v; want %d and an error that begins with %q", len(set.Keys), err, r.Keys, r.JOSE)
				}
			}
			if text, err := s.MarshalJSON(); err != nil {
				t.Errorf("MarshalJSON: got %s, %v; want the set, as nothing in it is private", text, err)
			}
		})
	}
}

// checkKey checks the key that the report is about, if it has a kid.
func (r *report) checkKey(t *testing.T, s *jwk.Set) {
	if r.KeyID == "" {
		return
	}
	k, ok := s.Lookup(r.KeyID)
	if !ok {
		t.Fatalf("got no key %s, want it in %v", r.KeyID, s)
	}
	if got := k.Thumbprint().String(); r.Thumbprint != "" && got != r.Thumbprint {
		t.Errorf("thumbprint: got %s, want %s", got, r.Thumbprint)
	}
	if chain, err := k.Certificates(); r.JOSE == "" && (err != nil || len(chain) != r.Certificates) {
		t.Errorf("got %d certificates, %v; want %d", len(chain), err, r.Certificates)
	}
}
