package jwk

// A PrivateKey is a [Key] for a field of a JSON or YAML document that is meant to hold the
// private key, such as a file of state, or a row of a database that is encrypted:
//
//	type state struct {
//		Issuer     string         `json:"issuer"`
//		SigningKey jwk.PrivateKey `json:"signing_key"`
//	}
//
// It differs from Key in one thing: MarshalJSON, AppendJSON and MarshalYAML write the private
// members. So encoding/json writes the secret of every struct, slice and map that holds a
// PrivateKey, and that includes the JSON handler of log/slog for a value that holds one. It
// does not write the secret of a PrivateKey that is itself the value of an attribute: fmt and
// log/slog print the line of [Key.String]. Where a document is not meant to hold the key, use
// Key, or [Key.Encrypt].
//
// The key is the embedded Key: PrivateKey{Key: *key} writes key, and &p.Key is what
// a Set takes. The promoted method [Key.PrivateKey] returns the Go private key. A
// symmetric key is private too. A public key is [ErrPrivate], read and written. The zero
// PrivateKey is no key, and [ErrInvalid] to write: a field that may be empty has the option
// omitzero, or is a *PrivateKey, which is null if it is nil.
type PrivateKey struct{ Key }

// MarshalJSON returns what [Key.MarshalPrivateJSON] returns: a secret.
func (p PrivateKey) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns to dst.
func (p *PrivateKey) AppendJSON(dst []byte) ([]byte, error) {
	if p == nil || p.isZero() {
		return nil, errNoKey()
	}
	text, err := p.MarshalPrivateJSON()
	switch {
	case err != nil: // the private half is held elsewhere
		return nil, err
	case !p.private:
		return nil, errNotPrivate()
	}
	return append(dst, text...), nil
}

// UnmarshalJSON sets p to the private key that [Parse] reads from data. Nothing changes if
// it fails. A public key is [ErrPrivate], and a JSON null [ErrSyntax].
func (p *PrivateKey) UnmarshalJSON(data []byte) error {
	if p == nil {
		return errorf(ErrInvalid, "there is no PrivateKey to unmarshal into")
	}
	parsed, err := Parse(data)
	if err != nil {
		return err
	}
	if !parsed.private {
		return errNotPrivate()
	}
	p.Key = *parsed
	return nil
}

// Equal is [Key.Equal] of the two keys. go-cmp calls it, which finds no method of a Key
// in a struct.
func (p PrivateKey) Equal(other PrivateKey) bool { return p.Key.Equal(&other.Key) }

func errNotPrivate() error {
	return errorf(ErrPrivate, "a public key, want a private one: a Key can be either")
}
