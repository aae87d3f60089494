package jwk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// A report is a file from a public bug report, or a file that a provider published, with the
// result that this package must return for it. The Parser has Lenient set unless Strict is true,
// and PublicOnly unless Private is true.
type report struct {
	File, Problem string
	Sources       []string
	Door          string // the function that reads the file; "" for ParseSet
	Strict        bool
	Private       bool   // the keys are private
	Passphrase    string // for the functions that decrypt
	Name          string // suffix for the name of a second test with the same file

	Error   string   // text of the error, without "jwk: "
	Kind    string   // name of the sentinel error, such as "ErrSyntax"
	Skipped []string // texts of the errors of skipped entries, without "jwk: "

	Keys         int      // number of keys in the set; 0 for any number
	KeyID        string   `json:"kid"`
	Thumbprint   string   // thumbprint of the key with that kid
	Certificates int      // number of certificates of that key
	Deviations   []string // path and code of each deviation of all keys, sorted
	Query        *jwk.Query
	FindError    string // text of the error that Find returns for Query, without "jwk: "; "" if it finds the key with that kid
	JOSE         string // beginning of the error of Set.JOSE, without "jwk: "
}

// reportDoors are the functions that reports name in Door.
var reportDoors = map[string]func(r *report, text []byte) (*jwk.Set, error){
	"":         func(r *report, text []byte) (*jwk.Set, error) { return r.parser().ParseSet(text) },
	"ParsePEM": func(r *report, text []byte) (*jwk.Set, error) { return r.parser().ParsePEM(text) },
	"Parse":    func(r *report, text []byte) (*jwk.Set, error) { return oneKey(r.parser().Parse(text)) },
	"ParseDER": func(r *report, text []byte) (*jwk.Set, error) { return oneKey(r.parser().ParseDER(text)) },
	"New":      func(r *report, text []byte) (*jwk.Set, error) { return oneKey(newOfSigner(text)) },
	"DecryptPEM": func(r *report, text []byte) (*jwk.Set, error) {
		return jwk.DecryptPEM(text, &jwk.DecryptOptions{Passphrase: []byte(r.Passphrase), Parser: r.parser()})
	},
	"DecryptKey": func(r *report, text []byte) (*jwk.Set, error) {
		return oneKey(jwk.DecryptKey(text, &jwk.DecryptOptions{Passphrase: []byte(r.Passphrase), Parser: r.parser()}))
	},
}

// newOfSigner parses the private key in a PEM file, and returns New of a crypto.Signer for it
// that has a type unknown to New.
func newOfSigner(text []byte) (*jwk.Key, error) {
	s, err := jwk.ParsePEM(text)
	if err != nil {
		return nil, err
	}
	signer, err := s.At(0).Signer()
	if err != nil {
		return nil, err
	}
	return jwk.New(&vault{signer: signer}, nil)
}

// oneKey returns a set of one key, and err.
func oneKey(k *jwk.Key, err error) (*jwk.Set, error) { return jwk.NewSet(k), err }

// parser returns the Parser for the report.
func (r *report) parser() *jwk.Parser {
	return &jwk.Parser{Lenient: !r.Strict, PublicOnly: !r.Private}
}

// readReports returns the reports of every list in a folder. The test fails if a file of the
// folder belongs to no report.
func readReports(t *testing.T, folder string) (reports []report) {
	t.Helper()
	lists, err := filepath.Glob(filepath.Join(folder, "reports*.json"))
	if err != nil || len(lists) == 0 {
		t.Fatalf("got lists %v, %v; want at least one", lists, err)
	}
	inputs := make(map[string]bool)
	for _, name := range lists {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var list []report
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&list); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		reports = append(reports, list...)
	}
	for _, r := range reports {
		inputs[r.File] = true
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != len(inputs)+len(lists) {
		t.Errorf("got %d files, %v; want %d inputs and %d lists", len(files), err, len(inputs), len(lists))
	}
	return reports
}

// TestReports: files that made users report bugs to other libraries. If this fails, a harmless
// file is refused, its fault is not listed as a deviation, or the error for a file that must be
// refused does not say what the file is.
func TestReports(t *testing.T) {
	const folder = "testdata/reports"
	for _, r := range readReports(t, folder) {
		t.Run(r.File+r.Name, func(t *testing.T) {
			if r.Problem == "" || len(r.Sources) == 0 {
				t.Error("got a report without a problem or without a source, want both")
			}
			text, err := os.ReadFile(filepath.Join(folder, r.File))
			if err != nil {
				t.Fatal(err)
			}
			open, ok := reportDoors[r.Door]
			if !ok {
				t.Fatalf("got door %q, want one of reportDoors", r.Door)
			}
			s, err := open(&r, text)
			if r.Error != "" {
				kind := ""
				for _, k := range errorKinds {
					if errors.Is(err, k) {
						kind = nameOf(k)
					}
				}
				if err == nil || err.Error() != "jwk: "+r.Error || kind != r.Kind {
					t.Errorf("got error %q of kind %q, want %q of kind %q", fmt.Sprint(err), kind, "jwk: "+r.Error, r.Kind)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r.check(t, s)
		})
	}
}

// check checks the set that the file was read as.
func (r *report) check(t *testing.T, s *jwk.Set) {
	if r.Keys != 0 && s.Len() != r.Keys {
		t.Errorf("got %d keys and %v, want %d keys", s.Len(), s.Skipped(), r.Keys)
	}
	var deviations, skipped []string
	for k := range s.All() {
		if k.IsPrivate() != r.Private {
			t.Errorf("got key %v, want private %t", k, r.Private)
		}
		for _, d := range k.Deviations() {
			deviations = append(deviations, string(d.Path)+" "+string(d.Code))
		}
	}
	for _, entry := range s.Skipped() {
		skipped = append(skipped, strings.TrimPrefix(entry.Err.Error(), "jwk: "))
	}
	slices.Sort(deviations)
	slices.Sort(r.Deviations)
	if !slices.Equal(deviations, r.Deviations) {
		t.Errorf("got deviations %q, want %q", deviations, r.Deviations)
	}
	if r.Skipped != nil && !slices.Equal(skipped, r.Skipped) {
		t.Errorf("got skipped %q, want %q", skipped, r.Skipped)
	}
	r.checkKey(t, s)
	if r.FindError != "" {
		k, err := s.Find(t.Context(), *r.Query)
		if k != nil || !errors.Is(err, jwk.ErrNotFound) || err.Error() != "jwk: "+r.FindError {
			t.Errorf("Find: got %v, %v; want %s", k, err, r.FindError)
		}
	} else if r.Query != nil {
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
	if text, err := s.MarshalJSON(); (err == nil) == r.Private {
		t.Errorf("MarshalJSON: got %s, %v; want an error: %t, because the keys are private or not", text, err, r.Private)
	}
}

// checkKey checks the key with the kid of the report, or the first key if the report has no kid.
func (r *report) checkKey(t *testing.T, s *jwk.Set) {
	if r.KeyID == "" && r.Thumbprint == "" {
		return
	}
	k, ok := s.Lookup(r.KeyID)
	if r.KeyID == "" && s.Len() > 0 {
		k, ok = s.At(0), true
	}
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
