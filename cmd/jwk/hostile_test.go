package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestHostileTexts: texts in the input cannot send escape sequences to a terminal or fake lines
// (Z04), and long texts do not fill a terminal (M05).
func TestHostileTexts(t *testing.T) {
	key := func(member string, value any) string {
		o := map[string]any{"kty": "EC", "crv": "P-256", "alg": "ES256",
			"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", // RFC 7517, Appendix A.1
		}
		o[member] = value
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tc := range []struct{ name, kid, shown string }{
		{"escape and newline", "\x1b[2J\x1b]0;pwned\x07\nINDEX  KID", `"\x1b[2J\x1b]0;pwned\a\nINDEX  KID"`},
		{"tab", "a\tb", `"a\tb"`},
		{"C1 control", "a\u009b31m", `"a\u009b31m"`},
		{"delete", "a\x7f", `"a\x7f"`},
		{"bidirectional", "a\u202eb", `"a\u202eb"`},
		{"look-alike", "раypal", `"\u0440\u0430ypal"`},
		{"beyond the BMP", "\U0001F511", `"\U0001f511"`},
		{"null octet", "a\x00b", `"a\x00b"`},
		{"tabwriter escape", "a\u00ffb", `"a\u00ffb"`},
		{"space", "a b", `"a b"`},
		{"quote", `a"b`, `"a\"b"`},
		{"empty", "", `""`},
		{"dash", "-", `"-"`},
		{"path", "../../etc/passwd", "../../etc/passwd"},
		{"long", strings.Repeat("k", 1000), strings.Repeat("k", 1000)},
		{"long, quoted", strings.Repeat("k", 63) + "éa", `"` + strings.Repeat("k", 63) + `\u00e9a"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, input := range []string{key("kid", tc.kid), `{"keys":[` + key("kid", tc.kid) + `]}`} {
				code, stdout, stderr := command(input, "inspect", "-")
				if code != exitYes {
					t.Errorf("exit code: got %d, want %d", code, exitYes)
				}
				checkTable(t, stdout)
				checkPlain(t, stderr)
				if row := cells(stdout, 1); strings.Count(stdout, "\n") != 2 || len(row) != 13 || row[1] != tc.shown || row[2] != "EC P-256" {
					t.Errorf("got\n%s\nwant the kid as %s", stdout, tc.shown)
				}

				_, stdout, _ = command(input, "inspect", "--width", "80", "-")
				checkPlain(t, stdout)
				for line := range strings.Lines(stdout) {
					if len(line) > len("\n")+80 {
						t.Errorf("got %q, want at most 80 columns", line)
					}
				}

				_, stdout, _ = command(input, "inspect", "--json", "-")
				checkPlain(t, stdout)
				if d := decode(t, stdout); *d.Keys[0].KeyID != tc.kid {
					t.Errorf("JSON: got %q, want %q", *d.Keys[0].KeyID, tc.kid)
				}
			}
		})
	}

	const esc = "\x1b[31m\u009b\n"
	for _, tc := range []struct{ name, input string }{
		{"use", key("use", esc)},
		{"alg", key("alg", esc)},
		{"key_ops", key("key_ops", []string{esc})},
		{"unknown kty", `{"kty":"` + `\u001b[31m` + `","kid":"\u001b[31m\u009b"}`},
		{"printable, not ASCII", key("use", "é")},
	} {
		for _, args := range [][]string{{"inspect", "-"}, {"inspect", "--json", "-"}} {
			t.Run(tc.name+" "+args[1], func(t *testing.T) {
				_, stdout, stderr := command(tc.input, args...)
				checkTable(t, stdout)
				checkPlain(t, stderr)
				if !strings.Contains(stdout+stderr, "\\") {
					t.Errorf("got %q, %q, want the text escaped", stdout, stderr)
				}
			})
		}
	}
	// These are not shown: in a damaged text a secret may be in their place.
	for _, tc := range []struct{ name, input string }{
		{"unknown crv", key("crv", esc)},
		{"name of a duplicate member", `{"\u001b\u009b\n":1,"\u001b\u009b\n":2}`},
		{"name of a member of the set", `{"\u001b\u009b\n":1,"\u001b\u009b\n":2,"keys":[]}`},
		{"syntax error in a name", `{"\u001b\u009b\n":tru}`},
	} {
		for _, args := range [][]string{{"inspect", "-"}, {"inspect", "--json", "-"}} {
			t.Run(tc.name+" "+args[1], func(t *testing.T) {
				_, stdout, stderr := command(tc.input, args...)
				checkTable(t, stdout)
				checkPlain(t, stderr)
				for _, part := range []string{"001b", "x1b", "[31m", "009b"} {
					if strings.Contains(stdout+stderr, part) {
						t.Errorf("got %q, %q, want nothing of the text", stdout, stderr)
					}
				}
			})
		}
	}
}
