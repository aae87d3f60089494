package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The clocks of two machines differ by some seconds, and a token must not live longer than that.
func TestClaimsTimes(t *testing.T) {
	const at = 1_700_000_000
	for _, test := range []struct {
		claims string
		now    int64
		want   string
	}{
		{`{}`, at, ""},
		{`{"exp":1700000000}`, at + 59, ""},
		{`{"exp":1700000000}`, at + 60, "the token expired at 2023-11-14 22:13:20 UTC"},
		{`{"exp":1700000000.9}`, at + 60, ""},
		{`{"nbf":1700000000}`, at - 60, ""},
		{`{"nbf":1700000000}`, at - 61, "the token is not valid before 2023-11-14 22:13:20 UTC"},
		{`{"exp":-1}`, at, "the token expired at 1970-01-01 00:00:00 UTC"},
		{`{"exp":1e99}`, at, ""},
		{`{"nbf":1e99}`, at, "the token is not valid before 9999-12-31 23:59:59 UTC"},
		{`{"exp":"1700000000"}`, at, `"exp" is not a number of seconds`},
		{`{"exp":null}`, at, `"exp" is not a number of seconds`},
		{`{"nbf":true}`, at, `"nbf" is not a number of seconds`},
		{`{"iat":"yesterday"}`, at, ""},
	} {
		c, err := parseClaims([]byte(test.claims), true)
		if err != nil {
			t.Errorf("%s: %v", test.claims, err)
			continue
		}
		got := ""
		if err := c.checkTimes(time.Unix(test.now, 0)); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s at %d: got %q, want %q", test.claims, test.now, got, test.want)
		}
	}
}

// A payload that a lax program takes for claims must not escape the check of its times, even if its
// header does not say that it is a JWT.
func TestParseClaims(t *testing.T) {
	const unlike = "the payload is not a JSON object that all programs read alike: "
	deep := func(levels int) string {
		return `{"a":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}"
	}
	for _, test := range []struct {
		payload string
		want    string // the error without typ
		isText  bool   // it is not claims, and an error with typ JWT
	}{
		{`{"exp":1}`, "", false},
		{" \r\n\t{\"exp\":1} \n", "", false},
		{"a text", "", true},
		{"", "", true},
		{`[{"exp":1}]`, "", true},
		{`"{"`, "", true},
		{"\xff{}", "", true},
		{`{"exp":1`, unlike + "it ends too early", false},
		{`{"exp":1}{"exp":2}`, unlike, false},
		{`{"exp":1} and more`, unlike, false},
		{`{"exp":1,"exp":2}`, unlike + "the name /exp is repeated", false},
		{`{"a":{"b":1,"b":2}}`, unlike + "the name /a/b is repeated", false},
		{`{"exp":1,}`, unlike, false},
		{`{exp:1}`, unlike, false},
		{"{\"a\":\"\xff\"}", unlike, false},
		{"\uFEFF{\"exp\":1}", unlike, false},
		{" \uFEFF {\"exp\":1}", unlike, false},
		{"\uFEFF \u00a0{\"exp\":1}", unlike, false},
		{"\v{\"exp\":1}", unlike, false},
		{deep(maxLevels), "", false},
		{deep(maxLevels + 1), "the payload is JSON of more than 64 levels", false},
		{deep(100_000), "the payload is JSON of more than 64 levels", false},
	} {
		for _, isJWT := range []bool{false, true} {
			want := test.want
			if isJWT && test.isText {
				want = "the payload of a JWT is not a JSON object"
			}
			c, err := parseClaims([]byte(test.payload), isJWT)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != want && (want != unlike || !strings.HasPrefix(got, unlike)) {
				t.Errorf("%.40q, JWT %v: got the error %q, want %q", test.payload, isJWT, got, want)
			}
			if isClaims := got == "" && !test.isText; (c != nil) != isClaims {
				t.Errorf("%.40q, JWT %v: got %v, want claims %v", test.payload, isJWT, c, isClaims)
			}
		}
	}
}

// The header is shown as JSON, and a deep one must not crash the command.
func TestDeepHeader(t *testing.T) {
	header := func(levels int) string {
		text := `{"alg":"EdDSA","a":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}"
		return base64.RawURLEncoding.EncodeToString([]byte(text)) + ".."
	}
	if _, err := parseToken([]byte(header(maxLevels))); err != nil {
		t.Errorf("%d levels: got %v, want no error", maxLevels, err)
	}
	for _, levels := range []int{maxLevels + 1, 9_999} {
		_, err := parseToken([]byte(header(levels)))
		if want := "the header is JSON of more than 64 levels"; err == nil || err.Error() != want {
			t.Errorf("%d levels: got %v, want %q", levels, err, want)
		}
	}
}

// A token comes from a stranger. No token may crash the command, send escape sequences to a terminal,
// or be written unless it verifies.
func FuzzVerify(f *testing.F) {
	key := filepath.Join(f.TempDir(), "public.jwk")
	if err := os.WriteFile(key, []byte(setOf("a")), 0o600); err != nil {
		f.Fatal(err)
	}
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, header := range []string{
		`{"alg":"EdDSA"}`, `{"alg":"EdDSA","kid":"a"}`, `{"alg":"EdDSA","kid":"\u001b[31m"}`, `{"alg":"none"}`,
		`{"alg":"HS256"}`, `{"alg":"EdDSA","crit":["\u202e"]}`, `{"alg":"EdDSA","jwk":{}}`, `{"alg":"\u009b"}`, `[]`,
	} {
		f.Add(encode(header) + "." + encode(`{"exp":1}`) + "." + encode("signature"))
	}
	f.Add("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
	f.Fuzz(func(t *testing.T, token string) {
		code, stdout, stderr := command(token, "verify", key)
		checkPlain(t, stderr)
		switch code {
		case exitYes: // no fuzzer makes a signature: the token is the one of RFC 8037
			if stdout != "Example of Ed25519 signing" {
				t.Errorf("verified %q with the payload %q", token, stdout)
			}
		case exitNo:
			if stdout != "" || !strings.HasPrefix(lastLine(stderr), "jwk: standard input: not verified: ") {
				t.Errorf("got %q and %q, want only a reason", stdout, stderr)
			}
		default:
			t.Errorf("exit code %d with %q", code, stderr)
		}
	})
}
