package jwk

// What is in a PEM file, and which certificates are for which key.

// A bundle is a PEM file that is being read.
type bundle struct {
	entries  []*bundleEntry
	size     int  // of the file, in octets
	marked   bool // the file begins with a byte order mark
	repeated int  // octets of certificates that are in a chain after the first
}

// A bundleEntry is a block. certificate is set for each block CERTIFICATE that can be taken
// apart.
type bundleEntry struct {
	block       pemBlock
	certificate *certificate
	chained     bool // the certificate is in the chain of a key
	counted     bool // it was in a chain before, so that another one repeats it
	idle        bool // err is that the certificate is not in a chain
	key         *Key
	err         error
}

// certificate adds a certificate.
func (b *bundle) certificate(p *Parser, block pemBlock) {
	e := &bundleEntry{block: block}
	c, err := p.newCertificate(block.der)
	if err == nil {
		e.certificate = &c
	} else if info, ok := readCertificate(block.der); ok {
		e.certificate, e.err = &certificate{block.der, info}, err // its issuer is still an authority
	} else {
		e.err = err
	}
	b.entries = append(b.entries, e)
}

// certify gives each chain to a key of the file, or makes a key of it.
func (b *bundle) certify(p *Parser) {
	names := b.names()
	if names == nil {
		return
	}
	keys := make(map[Thumbprint]*bundleEntry)
	for _, e := range b.entries {
		if e.key == nil {
			continue
		}
		if _, before := keys[e.key.Thumbprint()]; !before {
			keys[e.key.Thumbprint()] = e
		}
	}
	tooLong := make(map[int]bool)
	for i, e := range b.entries {
		if e.certificate == nil || e.err != nil || names.issuers[string(e.certificate.subject)] {
			continue
		}
		chain, next := names.chain(b.entries, i)
		if next >= 0 {
			tooLong[next] = true
		}
		b.makeKey(p, e, chain)
		if e.err == nil {
			e.giveTo(keys, b.chain(chain))
		}
	}
	b.certifyAuthorities(p, names, keys)
	b.findIdle(tooLong)
}

// certifyAuthorities gives the keys of the file that have no chain yet the chain of their own
// certificate if that is the certificate of an authority, which makes no key.
func (b *bundle) certifyAuthorities(p *Parser, names *certificateNames, keys map[Thumbprint]*bundleEntry) {
	if len(keys) == 0 {
		return
	}
	left := make(map[string]bool, len(keys)) // by the public key in DER
	for _, e := range keys {
		left[string(e.key.material().spki().key)] = true
	}
	for i, e := range b.entries {
		if e.certificate == nil || e.err != nil || !left[string(e.certificate.spki.key)] || !names.issuers[string(e.certificate.subject)] {
			continue
		}
		chain, _ := names.chain(b.entries, i)
		if b.makeKey(p, e, chain); e.err == nil {
			e.giveTo(keys, b.chain(chain))
			e.key = nil // an authority is no key of its own
		}
	}
}

// maxRepeated limits how much larger the chains of a file are than the file, also the chains
// that make no key: an authority may have issued each of thousands of certificates.
const maxRepeated = 4 // times the size of the file

// makeKey makes the key of a chain, which begins with e.
func (b *bundle) makeKey(p *Parser, e *bundleEntry, chain []int) {
	for _, i := range chain {
		if c := b.entries[i]; c.counted {
			b.repeated += len(c.certificate.der)
		}
		b.entries[i].counted = true
	}
	if b.repeated > maxRepeated*b.size {
		e.err = errorf(ErrPolicy, "the certificates that chains share are more than %d times the file", maxRepeated)
		return
	}
	if e.key, e.err = p.fromChain(b.chain(chain)); e.err != nil {
		return
	}
	for _, i := range chain {
		b.entries[i].chained = true
		e.key.addDeviations(b.entries[i].block.met())
	}
}

// chain returns certificates by their places.
func (b *bundle) chain(places []int) []certificate {
	chain := make([]certificate, len(places))
	for i, place := range places {
		chain[i] = *b.entries[place].certificate
	}
	return chain
}

// giveTo gives the chain of e to the key that it certifies, if that key is in the file and
// has no chain yet.
func (e *bundleEntry) giveTo(keys map[Thumbprint]*bundleEntry, chain []certificate) {
	of, found := keys[e.key.Thumbprint()]
	if !found {
		return
	}
	certified, err := of.key.WithAttributes(Attributes{Certificates: unparsed(chain)})
	if err != nil {
		e.key, e.err = nil, err
		return
	}
	certified.addDeviations(&tolerance{of.key.deviations}).addDeviations(&tolerance{e.key.deviations})
	of.key, e.key = certified, nil
	delete(keys, certified.Thumbprint())
}

// findIdle reports the authorities that are in no chain. A copy of a certificate that is in
// one is not reported.
func (b *bundle) findIdle(tooLong map[int]bool) {
	var copies map[string]bool // of certificates in chains, made if it is needed
	for i, e := range b.entries {
		if e.certificate == nil || e.chained || e.err != nil {
			continue
		}
		if copies == nil {
			copies = make(map[string]bool)
			for _, e := range b.entries {
				if e.chained {
					copies[string(e.certificate.der)] = true
				}
			}
		}
		switch {
		case copies[string(e.certificate.der)]:
		case tooLong[i]:
			e.idle, e.err = true, errorf(ErrPolicy, "in a chain of more than %d certificates", maxCertificates)
		default:
			e.idle, e.err = true, errorf(ErrInvalid, "an authority that certifies another certificate of the file, but is in no chain of a key")
		}
	}
}

// set makes the set.
func (b *bundle) set(p *Parser) (*Set, error) {
	var keys []*Key
	var other rest
	var first *Error // the first reason, of an idle certificate if there is no other
	firstIdle := false
	for _, e := range b.entries {
		place := len(keys) + len(other.skipped)
		switch {
		case e.key != nil:
			if b.marked {
				e.key.addDeviations(&tolerance{[]Deviation{{Code: DeviationBOM}}})
			}
			keys = append(keys, e.key)
		case e.err != nil:
			err := *e.err.(*Error) // as every error of this package's doors
			err.below(entryPointer(place)).atOffset(e.block.offset)
			if first == nil || firstIdle && !e.idle {
				first, firstIdle = &err, e.idle
			}
			if p.FailFast && !e.idle {
				return nil, first
			}
			text := &document{string(e.block.text)}
			other.skipped = append(other.skipped, skipped{
				excerpt: excerpt{text, span{0, len(text.text)}}, pem: e.block.number, after: len(keys), err: err,
			})
		}
	}
	switch {
	case first == nil && len(keys) == 0:
		return nil, errorf(ErrSyntax, "no key, but only EC PARAMETERS")
	case first != nil && p.FailFast:
		return nil, first
	case len(keys) == 0:
		return nil, first.andMore(len(other.skipped) - 1)
	}
	return newSet(keys, other), nil
}

// andMore adds to the text of an error how many more blocks cannot be used.
func (e *Error) andMore(n int) *Error {
	if n > 0 {
		e.Err = &reason{e.Err, e.Err.Error() + "; and " + counted(n, "more block", "more blocks") + " cannot be used"}
	}
	return e
}
