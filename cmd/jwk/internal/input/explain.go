package input

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// An otherForm is the reason of an error of package jwk about a text that is not in the form that
// was wanted.
type otherForm interface {
	error
	Form() string
}

// advice says for each form that package jwk recognizes and this command does not read how to get
// the keys. The keys of the map are the names of the forms in errors of package jwk.
var advice = map[string]string{
	"UTF-16":                                   "convert it: iconv -f UTF-16 -t UTF-8",
	"an SSH2 key":                              "convert it: ssh-keygen -i -f FILE",
	"a file of PuTTY":                          "convert it: puttygen FILE -O private-openssh -o NEW",
	"PKCS #12":                                 "convert it to PEM: openssl pkcs12 -in FILE -nodes -out NEW",
	"a Java keystore":                          "convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW -deststoretype pkcs12, and then openssl pkcs12 -in NEW -nodes -out NEW.pem",
	"compressed data (gzip)":                   "decompress it: gunzip -c FILE | jwk VERB -",
	"HTML or XML":                              "a server may have sent an error page; ask for the jwks_uri",
	"YAML":                                     "convert it to JSON: yq -o json FILE | jwk VERB -",
	"a signed text (JWS in JSON)":              "jwk verify KEYS FILE verifies the compact form",
	"a signed text (JWT or another JWS)":       "it has no key: jwk verify KEYS FILE verifies it",
	"provider metadata":                        "fetch the set: jwk fetch URL, with the jwks_uri in it",
	"a service account file":                   "take the key out: jq -r .private_key FILE | jwk VERB -",
	"an object that holds PEM":                 "take a key out: jq -r '.[\"NAME\"]' FILE | jwk VERB -",
	`an object with "keys" in another case`:    `write "keys" in lower case`,
	`an object with "kty" in another case`:     `write "kty" in lower case`,
	"an object with a jwks":                    "take the set out: jq .jwks FILE | jwk VERB -",
	"an object with a jwk":                     "take the key out: jq .jwk FILE | jwk VERB -",
	"an array of keys":                         "make it a set: jq '{keys: .}' FILE | jwk VERB -",
	"a string that holds JSON":                 "take the text out: jq -r . FILE | jwk VERB -",
	"a string that holds PEM":                  "take the text out: jq -r . FILE | jwk VERB -",
	"a string that holds a JWE or a JWT":       "take the text out: jq -r . FILE",
	"base64 of DER":                            "decode it: base64 -d FILE | jwk VERB -",
	"hexadecimal of DER":                       "decode it: xxd -r -p FILE | jwk VERB -",
	"base64 of PEM":                            "decode it: base64 -d FILE | jwk VERB -",
	"base64 of JSON":                           "decode it: base64 -d FILE | jwk VERB -",
	"a public key of OpenSSH without its type": "write the type before it, such as ssh-ed25519",
}

// phrases replaces what errors of package jwk say to programmers by the words for this command.
var phrases = strings.NewReplacer(
	" (Parser.Lenient accepts it)", "",
	", which Parser.Lenient accepts", "",
	" (Parser.Lenient computes them)", "",
	": ParsePEM reads it", "",
	": ParseDER reads the octets", "",
	": see DecryptSet", "",
	": see DecryptKey", "",
	": marshal its Public(), or call MarshalPrivateJSON", "",
	"which DecryptPEM reads with a passphrase", "which needs a passphrase",
	"a key that ParsePEM refuses", "a key that is refused",
	"(DecryptOptions.MaxPBES2Count)", "(jwk decrypt --max-iterations raises it)",
	"which sshkey.ParsePrivateKey reads", "which must be alone in its file",
	"takes a Passphrase, not a Key", "takes a passphrase: leave out --key",
	" is not for the Key:", " is not for the key:",
	", the Key ", ", the key ",
	"want one PEM block, and nothing else", "want one private key of OpenSSH in the file, and nothing else",
	"no key in PEM, DER or JSON", "not in a form that is known: want a JWK, a JWK Set, PEM, DER, a key of OpenSSH or a JWE",
	": Parse reads it", "",
	": ParseSet reads it", "",
	": jwk: refused by policy", "",
	": jwk: ", ": ",
	"jwkhttp: ", "",
	"; AllowHTTP accepts http too", "; --allow-http accepts it",
	"; send them in a Header of ClientOptions", ", which this command does not send",
)

// explain returns an error of this command for an error of package jwk about a document.
func (r *Reader) explain(d *Document, err error) error {
	if _, ok := errors.AsType[*AccessError](err); ok {
		return err
	}
	form, ok := errors.AsType[otherForm](err)
	switch {
	case ok && r.From != "" && form.Form() != "":
		return &Error{Name: d.Name, Reason: form.Form() + ", and not " + string(r.From) + " as --from says", Err: err}
	case ok && r.From == "":
		file := "FILE"
		if d.isFile {
			file = terminal.ShellWord(d.Name, file)
		}
		if text, known := describe(form.Form(), d.Text, file); known {
			return &Error{Name: d.Name, Reason: text, Err: err}
		}
	}
	path, reason := Reason(err, "")
	if d.Form == PEM { // a path in a set says little about blocks
		path = withoutEntry(path)
	}
	return &Error{Name: d.Name, Path: path, Reason: reason, Err: err}
}

// describe returns what a text is, and which command helps. file is the name of the file in that
// command.
func describe(form string, data []byte, file string) (text string, known bool) {
	const wantObject = `JSON, want an object with "kty" (a JWK) or "keys" (a JWK Set)`
	switch form {
	case "":
		if json.Valid(data) { // a number or another value that is not an object
			return wantObject, true
		}
		if isSecret(data) {
			return "one line of text, which may be a bare secret: jwk convert --to jwk --from secret " + file + " -o NEW makes a symmetric key of its bytes", true
		}
		return "", false
	case "JSON":
		return wantObject, true
	case "no text":
		return "no text, want a key", true
	case "provider metadata":
		var metadata struct {
			URI string `json:"jwks_uri"`
		}
		if json.Unmarshal(data, &metadata) == nil && IsURL(metadata.URI) && len(metadata.URI) <= maxURL {
			return form + ", which has no keys: jwk fetch " + terminal.ShellWord(metadata.URI, "URL, with the jwks_uri in it"), true
		}
	}
	help, known := advice[form]
	return form + ": " + strings.ReplaceAll(help, "FILE", file), known
}

// maxURL is the largest size of a URL in a message. Package jwkhttp accepts no longer one.
const maxURL = 2048 // bytes

// maxSecret is the largest size of a text that is taken for a bare secret.
const maxSecret = 512 // bytes

// isSecret reports whether a text could be a secret as services show it: one word of printable ASCII.
func isSecret(data []byte) bool {
	word := strings.TrimSpace(string(data))
	if len(word) == 0 || len(word) > maxSecret || json.Valid(data) {
		return false
	}
	for _, r := range word {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return true
}

// An Error says why a document, or an entry of it, cannot be used.
type Error struct {
	Name   string // the document
	Path   string // the place in the document as a JSON Pointer, or ""
	Reason string
	Err    error // the error of package jwk, or nil
}

// Error returns the text in plain ASCII, except for the name of the document.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Name + ": " + e.Reason
	}
	return e.Name + ": " + terminal.ShortWord(e.Path) + ": " + e.Reason
}

func (e *Error) Unwrap() error { return e.Err }

func (d *Document) errorf(format string, args ...any) error {
	return &Error{Name: d.Name, Reason: fmt.Sprintf(format, args...)}
}

func (d *Document) errorOf(s jwk.Skipped) error {
	entry := EntryPath(s.Index)
	path, reason := Reason(s.Err, entry)
	if d.Form == Set {
		path = entry + path
	}
	return &Error{Name: d.Name, Path: path, Reason: reason, Err: s.Err}
}

// EntryPath returns the path of an entry of a set as a JSON Pointer.
func EntryPath(index int) string { return fmt.Sprintf("/keys/%d", index) }

// withoutEntry returns the place within an entry of a path in a set.
func withoutEntry(path string) string {
	rest, found := strings.CutPrefix(path, "/keys/")
	if !found {
		return path
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return ""
}

// Reason returns the path of an error within an entry, and the rest of its text.
func Reason(err error, entry string) (path, reason string) {
	if e, ok := errors.AsType[*jwk.Error](err); ok {
		return strings.TrimPrefix(string(e.Path), entry), phrases.Replace(e.Err.Error())
	}
	return "", phrases.Replace(strings.TrimPrefix(err.Error(), "jwk: "))
}
