package jwk

// A PrivateKey is a [Key] for a field of a JSON or YAML document that is meant to have the
// private key in it, such as a file of state, or an encrypted row of a database:
//
//	type state struct {
//		Issuer     string         `json:"issuer"`
//		SigningKey jwk.PrivateKey `json:"signing_key"`
//	}
//
// Unlike the methods of Key, MarshalJSON, AppendJSON and MarshalYAML write the private members.
// In all other documents use Key, or [Key.Encrypt].
//
// So encoding/json writes the secret of a PrivateKey in any struct, slice or map, and so does the
// JSON handler of log/slog if it logs such a value. If the PrivateKey itself is the value that is
// printed or logged, fmt and log/slog print the line of [Key.String], without the secret.
//
// PrivateKey{Key: *key} is a PrivateKey of key, and &p.Key can be put into a Set. The promoted
// method [Key.PrivateKey] returns the Go private key. Symmetric keys count as private.
//
// The error is [ErrPrivate] if a public key is read or written, and [ErrInvalid] if the zero
// PrivateKey is written. For a field that may be empty use the option omitzero, or a
// *PrivateKey, which is written as null if it is nil.
type PrivateKey struct{ Key }

// MarshalJSON returns the output of [Key.MarshalPrivateJSON], which is a secret.
func (p PrivateKey) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil) }

// AppendJSON appends the output of MarshalJSON to dst.
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

// UnmarshalJSON sets p to the private key that [Parse] reads from data. If it fails, p does not
// change. A public key is [ErrPrivate], and a JSON null is [ErrSyntax].
func (p *PrivateKey) UnmarshalJSON(data []byte) error {
	if p == nil {
		return errorf(ErrInvalid, "a nil *PrivateKey, want a PrivateKey to unmarshal into")
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

// Equal is [Key.Equal] of the two keys. PrivateKey has this method for go-cmp, which does not
// find the method of the embedded Key.
func (p PrivateKey) Equal(other PrivateKey) bool { return p.Key.Equal(&other.Key) }

func errNotPrivate() error {
	return errorf(ErrPrivate, "a public key, want a private one: a Key can be either")
}
