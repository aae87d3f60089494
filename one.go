package jwk

// One key, in whichever form it is.

// ParseOne reads one key from PEM, DER or JSON, strictly. It is new(Parser).ParseOne.
func ParseOne(data []byte) (*Key, error) { return new(Parser).ParseOne(data) }

// ParseOne reads the one key that a file or a setting holds, in any of these forms: PEM, as
// [Parser.ParsePEM] reads it; DER, as [Parser.ParseDER] does; a JWK, as [Parser.Parse]
// does; and a JWK Set, as [Parser.ParseSet] does. Call the function for the form
// where the form is known: then a text of another form is an error.
//
// Two keys or more, and no key, are [ErrInvalid]. So that nothing is lost in silence, a
// block or an entry that cannot be used fails the whole text, also beside a key, with
// the first reason. The members of a set besides "keys" are left out.
//
// Encrypted keys are not read: in PEM they are [ErrDecrypt], and [DecryptPEM] reads
// them; a JWE is [ErrSyntax], and [DecryptKey] reads it. A text of another form is
// ErrSyntax, and the error says which form and what reads it. The four functions
// return the other errors.
func (p *Parser) ParseOne(data []byte) (*Key, error) {
	if err := p.checkSize(data); err != nil {
		return nil, err
	}
	switch s := newSpecimen(data); s.form() {
	case formPEM, formEncryptedPEM, formOldPEM, formOpenSSH:
		return one(p.ParsePEM(data))
	case formDER, formCertificate:
		return p.ParseDER(data)
	case formSet:
		return one(p.ParseSet(data))
	case formKey:
		return p.Parse(data)
	case formJSON:
		if s.first == '{' && !s.valid { // Parse tells where it ends to be JSON
			return p.Parse(data)
		}
	}
	return nil, p.elsewhere(doorAny, data, errorf(ErrSyntax, "no key in PEM, DER or JSON"))
}

// one returns the only key of a set.
func one(s *Set, err error) (*Key, error) {
	if err != nil {
		return nil, err
	}
	skipped := s.Skipped()
	switch {
	case len(skipped) > 0 && s.Len() == 0:
		return nil, skipped[0].Err
	case len(skipped) > 0:
		e := *skipped[0].Err.(*Error) // as every reason is
		e.Err = &reason{e.Err, "a block or entry beside " + counted(s.Len(), "key", "keys") + " cannot be used: " + e.Err.Error()}
		return nil, &e
	case s.Len() != 1:
		return nil, errorf(ErrInvalid, "%s, want 1", counted(s.Len(), "key", "keys"))
	}
	return s.At(0), nil
}
