package jwk

// ParseOne reads one key from PEM, DER or JSON, strictly. It is new(Parser).ParseOne.
func ParseOne(data []byte) (*Key, error) { return new(Parser).ParseOne(data) }

// ParseOne reads the only key of a file or a setting. It recognizes the form of the text:
//   - PEM, which it reads as [Parser.ParsePEM] does;
//   - DER, as [Parser.ParseDER] does;
//   - a JWK, as [Parser.Parse] does;
//   - a JWK Set, as [Parser.ParseSet] does, without its members besides "keys".
//
// If the form is known, call the method for that form, which refuses the others.
//
// The error is [ErrInvalid] if there is no key, or more than one. A block or an entry that
// cannot be used fails the whole text, even if another one can be used, so that no key is
// lost unnoticed. ParseOne returns the error of the first such block or entry.
//
// ParseOne does not decrypt. An encrypted key in PEM is [ErrDecrypt]: [DecryptPEM] reads it.
// A JWE is [ErrSyntax]: [DecryptKey] reads it. A text in another form is ErrSyntax, and the
// error names the form and the function that reads it. It returns all other errors of the four
// methods.
func (p *Parser) ParseOne(data []byte) (*Key, error) {
	if err := p.checkSize(data); err != nil {
		return nil, err
	}
	switch s := newSpecimen(data); s.form() {
	case formPEM, formEncryptedPEM, formOldPEM, formOpenSSH:
		return onlyKey(p.ParsePEM(data))
	case formDER, formCertificate:
		return p.ParseDER(data)
	case formSet:
		return onlyKey(p.ParseSet(data))
	case formKey:
		return p.Parse(data)
	case formJSON:
		if s.first == '{' && !s.valid { // the error of Parse says where it is not JSON
			return p.Parse(data)
		}
	}
	unknown := errorf(ErrSyntax, "no key in PEM, DER or JSON")
	unknown.Err = &formReason{reason: *unknown.Err.(*reason)}
	return nil, p.elsewhere(doorAny, data, unknown)
}

// onlyKey returns the only key of a set.
func onlyKey(s *Set, err error) (*Key, error) {
	if err != nil {
		return nil, err
	}
	skipped := s.Skipped()
	switch {
	case len(skipped) > 0 && s.Len() == 0:
		return nil, skipped[0].Err
	case len(skipped) > 0:
		e := *skipped[0].Err.(*Error) // every Err of a Skipped is an *Error
		e.Err = &reason{e.Err, "a block or entry beside " + counted(s.Len(), "key", "keys") + " cannot be used: " + e.Err.Error()}
		return nil, &e
	case s.Len() != 1:
		return nil, errorf(ErrInvalid, "%s, want 1", counted(s.Len(), "key", "keys"))
	}
	return s.At(0), nil
}
