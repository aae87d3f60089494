package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// checkAlgorithm refuses a value of --alg that is not a signature algorithm.
func checkAlgorithm(name string) error {
	if !slices.Contains(signatureNames(), name) {
		return wrongUsage("--alg %s, want one of %s", terminal.ShortWord(name), strings.Join(signatureNames(), ", "))
	}
	return nil
}

func completeAlgorithms(cmd *cobra.Command) {
	must(cmd.RegisterFlagCompletionFunc("alg", cobra.FixedCompletions(signatureNames(), cobra.ShellCompDirectiveNoFileComp)))
}

// keysAndText returns the two arguments of sign and verify: the keys, and the file with the text,
// which is standard input if there is one argument only.
func keysAndText(args []string) (keys, text string, err error) {
	keys, text = args[0], "-"
	if len(args) > 1 {
		text = args[1]
	}
	if keys == "-" && text == "-" {
		return "", "", wrongUsage("standard input is one file and cannot be both KEY and FILE: name one of them")
	}
	return keys, text, nil
}

// readText returns the content of a file or of standard input.
func readText(cmd *cobra.Command, name string) ([]byte, error) {
	if name != "-" {
		data, _, err := files.Read(name)
		return data, err
	}
	in := cmd.InOrStdin()
	if terminal.IsTerminal(in) {
		say(cmd, "Type the text. Ctrl-D on a line of its own ends it.")
	}
	return files.ReadAll(input.Place(name), in)
}

// A token is a JWS in compact serialization (RFC 7515, Section 7.1) that is not verified yet.
type token struct {
	header    tokenHeader
	raw       jsontext.Value // the header
	signed    []byte         // the octets that are signed: the text before the second dot
	payload   []byte
	signature []byte
}

// A tokenHeader has the header parameters that decide how a token is verified.
type tokenHeader struct {
	Algorithm string         `json:"alg"`
	KeyID     string         `json:"kid"`
	Type      string         `json:"typ"`
	Critical  jsontext.Value `json:"crit"`
	Base64    jsontext.Value `json:"b64"`

	Key         jsontext.Value `json:"jwk"`
	KeyURL      jsontext.Value `json:"jku"`
	Chain       jsontext.Value `json:"x5c"`
	Certificate jsontext.Value `json:"x5u"`
}

// parseToken reads a token. The error says what the text is instead.
func parseToken(data []byte) (*token, error) {
	text := string(bytes.TrimSpace(data))
	switch n := strings.Count(text, "."); {
	case text == "":
		return nil, errors.New("no text, want a token")
	case text[0] == '{':
		return nil, errors.New("JSON, want a token in compact form, which has two dots")
	case n == 4:
		return nil, errors.New("encrypted (a JWE), and not signed: jwk decrypt reads it if it holds a key")
	case n != 2:
		return nil, fmt.Errorf("%s in the text, want a token, which has two", count(n, "dot", "dots"))
	}
	if strings.ContainsAny(text, " \t\r\n") { // package base64 would skip line breaks
		return nil, errors.New("white space within the token, want one line without it")
	}
	parts := strings.Split(text, ".")
	t := &token{signed: []byte(parts[0] + "." + parts[1])}
	for i, part := range []struct {
		name string
		to   *[]byte
	}{{"header", (*[]byte)(&t.raw)}, {"payload", &t.payload}, {"signature", &t.signature}} {
		var err error
		if *part.to, err = base64.RawURLEncoding.Strict().DecodeString(parts[i]); err != nil {
			return nil, fmt.Errorf("the %s is not base64url: part %d of the three that dots separate", part.name, i+1)
		}
	}
	if isDeep(t.raw) {
		return nil, fmt.Errorf("the header is JSON of more than %d levels", maxLevels)
	}
	// encoding/json accepts repeated names, and programs differ in which one they take.
	if err := json.Unmarshal(t.raw, &t.header); err != nil {
		return nil, fmt.Errorf("the header is not a JSON object as RFC 7515 wants it: %s", shortReason(err))
	}
	return t, t.header.check()
}

// check refuses tokens whose signature says nothing, or must not be judged by this command.
func (h *tokenHeader) check() error {
	switch {
	case h.Algorithm == "":
		return errors.New(`the header has no "alg"`)
	case strings.EqualFold(h.Algorithm, "none"):
		return errors.New(`the alg of the header is "none": the token is not signed, so anyone could have made it`)
	case h.Critical != nil:
		return fmt.Errorf(`"crit" in the header demands that a verifier knows %s, which this command does not`, showValue(h.Critical))
	case h.Base64 != nil:
		return errors.New(`"b64" in the header is only valid together with "crit" (RFC 7797, Section 6)`)
	}
	return nil
}

// embedded returns the names of the members of the header that bring a key.
func (h *tokenHeader) embedded() []string {
	var names []string
	for _, m := range []struct {
		name  string
		value jsontext.Value
	}{{"jwk", h.Key}, {"jku", h.KeyURL}, {"x5c", h.Chain}, {"x5u", h.Certificate}} {
		if m.value != nil {
			names = append(names, m.name)
		}
	}
	return names
}

// isJWT reports whether the header says that the payload is a set of claims (RFC 7519, Section
// 5.1; RFC 8725, Section 3.11).
func (h *tokenHeader) isJWT() bool {
	kind := strings.TrimPrefix(strings.ToLower(h.Type), "application/")
	return kind == "jwt" || strings.HasSuffix(kind, "+jwt")
}

// shortReason returns the reason of an error of package json without the names of Go.
func shortReason(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		if e.JSONPointer == "" {
			return "it is another JSON value"
		}
		return fmt.Sprintf("the JSON type of %s is wrong", terminal.ShortWord(string(e.JSONPointer)))
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(e.Err, jsontext.ErrDuplicateName) {
			return fmt.Sprintf("the name %s is repeated", terminal.ShortWord(string(e.JSONPointer)))
		}
		return fmt.Sprintf("%s after byte %d", strings.TrimPrefix(e.Err.Error(), "jsontext: "), e.ByteOffset)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
