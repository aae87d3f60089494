package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// claims are the claims of a JWT that people ask about (RFC 7519, Section 4.1).
type claims struct {
	Issuer    jsontext.Value `json:"iss"`
	Subject   jsontext.Value `json:"sub"`
	Audience  jsontext.Value `json:"aud"`
	Expires   jsontext.Value `json:"exp"`
	NotBefore jsontext.Value `json:"nbf"`
	IssuedAt  jsontext.Value `json:"iat"`
}

// parseClaims reads the payload of a token. It returns nil if the payload does not begin like a JSON
// object and need not be one. A payload that different programs could read differently is an error:
// some programs skip white space and a byte order mark before the object, or text after it, and
// take one of two members with the same name.
func parseClaims(payload []byte, isJWT bool) (*claims, error) {
	begin := bytes.TrimLeftFunc(payload, func(c rune) bool { return c == '\uFEFF' || unicode.IsSpace(c) })
	switch {
	case !bytes.HasPrefix(begin, []byte("{")) && isJWT:
		return nil, errors.New("the payload of a JWT is not a JSON object")
	case !bytes.HasPrefix(begin, []byte("{")):
		return nil, nil
	case isDeep(payload):
		return nil, fmt.Errorf("the payload is JSON of more than %d levels", maxLevels)
	}
	c := new(claims)
	if err := json.Unmarshal(payload, c); err != nil {
		return nil, fmt.Errorf("the payload is not a JSON object that all programs read alike: %s", shortReason(err))
	}
	return c, nil
}

// maxLevels is how deep the JSON of a token may be. Headers and claims have a few levels, and
// programs differ in how many they can read.
const maxLevels = 64

// isDeep reports whether a JSON text has more than maxLevels levels, as far as it can be read.
func isDeep(text []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true))
	for {
		if _, err := dec.ReadToken(); err != nil {
			return false
		}
		if dec.StackDepth() > maxLevels {
			return true
		}
	}
}

// leeway is the difference of clocks that is accepted between this machine and an issuer.
const leeway = 60 * time.Second

// checkTimes returns an error if the token is not valid at a time.
func (c *claims) checkTimes(now time.Time) error {
	if c.Expires != nil {
		at, ok := numericDate(c.Expires)
		switch {
		case !ok:
			return errors.New(`"exp" is not a number of seconds`)
		case !now.Before(at.Add(leeway)):
			return fmt.Errorf("the token expired at %s", terminal.Time(at))
		}
	}
	if c.NotBefore != nil {
		at, ok := numericDate(c.NotBefore)
		switch {
		case !ok:
			return errors.New(`"nbf" is not a number of seconds`)
		case now.Before(at.Add(-leeway)):
			return fmt.Errorf("the token is not valid before %s", terminal.Time(at))
		}
	}
	return nil
}

// maxDate is the last second of the year 9999 since 1970.
const maxDate = 253402300799 // seconds

// numericDate reads a NumericDate (RFC 7519, Section 2). It takes dates after the year 9999 for the
// end of that year, and dates before 1970 for its beginning.
func numericDate(v jsontext.Value) (time.Time, bool) {
	var seconds float64
	if v.Kind() != jsontext.KindNumber || json.Unmarshal(v, &seconds) != nil {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(min(max(seconds, 0), maxDate))
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), true
}

// lines returns what a JWT says, for people.
func (c *claims) lines() []string {
	var lines []string
	add := func(name, text string) { lines = append(lines, fmt.Sprintf("%-9s %s", name, text)) }
	text := func(name string, v jsontext.Value) {
		if v != nil {
			add(name, showValue(v))
		}
	}
	date := func(name string, v jsontext.Value) {
		if v == nil {
			return
		}
		if at, ok := numericDate(v); ok {
			add(name, terminal.Time(at))
			return
		}
		add(name, showValue(v)+", which is not a number of seconds")
	}
	text("issuer", c.Issuer)
	text("subject", c.Subject)
	text("audience", c.Audience)
	date("issued", c.IssuedAt)
	date("valid", c.NotBefore)
	date("expires", c.Expires)
	if c.Expires == nil {
		add("expires", "never: there is no exp")
	}
	return lines
}

// showValue returns a JSON value for people: a string without quotes if it is one plain word.
func showValue(v jsontext.Value) string {
	var word string
	if v.Kind() == jsontext.KindString && json.Unmarshal(v, &word) == nil {
		return terminal.ShortWord(word)
	}
	var list []string
	if v.Kind() == jsontext.KindBeginArray && json.Unmarshal(v, &list) == nil {
		return terminal.Words(list)
	}
	return terminal.ShortWord(string(v))
}
