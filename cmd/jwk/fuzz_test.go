package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
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
			args := strings.Fields("inspect " + asJSON + " -")
			code, stdout, stderr := command(string(data), args...)
			checkPlain(t, stdout+stderr)
			if code != exitOK && code != exitFailed {
				t.Errorf("exit code: got %d", code)
			}
			if code == exitOK && stdout == "" || code != exitOK && !strings.HasPrefix(lastLine(stderr), "jwk: ") {
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
