package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

// FuzzInspect: the output of inspect is printable ASCII and never shows private material.
func FuzzInspect(f *testing.F) {
	const public = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"` // RFC 8037, Appendix A.2
	const private = public + `,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"`
	document, err := os.ReadFile(provider)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(document)
	for _, key := range []string{
		public + `}`, private + `}`, private + `,"kid":1}`, private + `,"kty":"OKP"}`, private, `{"kty":"oct","k":"c2VjcmV0IHNlY3JldA"}`,
		public + `,"kid":"é\u001b[31m\u009b\n","use":"\u202e","alg":"\t","key_ops":["\n"]}`, `{"\u001b":1,"\u001b":2}`,
	} {
		f.Add([]byte(key))
		f.Add([]byte(`{"a":{"d":"nWGxne_9WmC6"},"keys":[` + key + `]}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, asJSON := range []string{"", "--json"} {
			args := strings.Fields("inspect " + noPassphrase + " " + asJSON + " -")
			code, stdout, stderr := command(string(data), args...)
			checkTable(t, stdout)
			checkPlain(t, stderr)
			// 2 is for an encrypted text, because there is no passphrase.
			if code == exitTrouble && !strings.Contains(stderr, "file descriptor 1000000") {
				t.Errorf("exit code: got %d", code)
			}
			if code == exitYes && stdout == "" || code != exitYes && !strings.HasPrefix(lastLine(stderr), "jwk: ") {
				t.Errorf("exit code %d with %q and %q", code, stdout, stderr)
			}
			if asJSON != "" && stdout != "" && !json.Valid([]byte(stdout)) {
				t.Errorf("got %s, want JSON", stdout)
			}
			for _, match := range privateMembers.FindAllSubmatch(data, -1) {
				if value := string(match[1]); strings.Contains(stdout+stderr, value) && strings.Count(string(data), value) == 1 {
					t.Errorf("%q is shown: %s%s", value, stdout, stderr)
				}
			}
		}
	})
}

// privateMembers matches the values of private members, which inspect must not show.
var privateMembers = regexp.MustCompile(`"(?:d|p|q|dp|dq|qi|k|priv)"\s*:\s*"([A-Za-z0-9_+/-]{12,})"`)

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}

// FuzzCheck: the output of check is printable ASCII and never shows private material, and check
// says no to a set if the strict parser of package jwk refuses one of its keys.
func FuzzCheck(f *testing.F) {
	const public = `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"` // RFC 8037, Appendix A.2
	const private = public + `,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"`
	document, err := os.ReadFile(provider)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(document)
	for _, key := range []string{
		public + `}`, private + `}`, private + `,"kid":1}`, private + `,"kty":"OKP"}`, public + `,"use":""}`, public + `,"x5u":"http://a"}`,
		public + `,"use":1,"alg":"ES256","key_ops":["a","a"],"x":"AA"}`, public + `,"kid":"\u001b[31m\u009b\n"}`, `{"kty":"RSA","n":"_____w","e":"AQAB"}`,
		`{"a":1,"a":2,"kty":"X"}`, `7`,
	} {
		f.Add([]byte(key))
		f.Add([]byte("\uFEFF" + key))
		f.Add([]byte(`{"keys":[` + key + `]}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		code, stdout, stderr := command(string(data), "check", noPassphrase, "-")
		checkPlain(t, stdout+stderr)
		for _, match := range privateMembers.FindAllSubmatch(data, -1) {
			if value := string(match[1]); strings.Contains(stdout+stderr, value) && strings.Count(string(data), value) == 1 {
				t.Errorf("%q is shown: %s%s", value, stdout, stderr)
			}
		}
		if (code == exitYes) != (stdout == "") && code != exitTrouble {
			t.Errorf("exit code %d with the reasons %q", code, stdout)
		}
		set, err := jwk.ParseSet(data)
		if err != nil {
			_, err := jwk.Parse(data)
			form := input.Recognize(data)
			if err != nil && code == exitYes && (form == input.JWK || form == input.Set) {
				t.Errorf("exit code %d, and the strict parser says: %v", code, err)
			}
			return
		}
		strict := len(set.Skipped()) == 0
		// The parser reads an empty use or alg as absent, and does not look at the scheme of x5u.
		more := strings.Contains(stdout, ": x5u-without-tls: ") || strings.Contains(stdout, ": empty: ")
		if strict && code != exitYes && !more || !strict && code != exitNo {
			t.Errorf("exit code %d, strict parser accepts all: %t, reasons %q", code, strict, stdout)
		}
	})
}
