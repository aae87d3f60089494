package jwk

// The keys and certificates of a PEM file, once its blocks have been read: which certificates
// belong to which key, and the set that ParsePEM returns.

// A bundle is a PEM file whose blocks have been read.
type bundle struct {
	entries       []*bundleEntry // by block, without the blocks that are ignored
	size          int            // size of the file in octets
	marked        bool           // the file begins with a byte order mark
	repeatedBytes int            // size of the certificates in all chains, without the first use of each
}

// A bundleEntry is a block of the file: a key, a certificate, or a block that cannot be used.
type bundleEntry struct {
	block pemBlock
	key   *Key  // the key in the block, or the key made from the chain that begins with its certificate
	err   error // why the block cannot be used, or nil

	certificate   *certificate // nil if the block is not a readable certificate
	inChain       bool         // the certificate is in the chain of a key
	wasInChain    bool         // the certificate was in a chain, even if the chain made no key
	idleAuthority bool         // err says only that no chain contains the certificate
}

// certify gives the chain of each certificate to a key of the file, or makes a key from it.
func (b *bundle) certify(p *Parser) {
	index := b.indexCertificates()
	if index == nil {
		return
	}
	uncertified := make(map[Thumbprint]*bundleEntry) // the keys of the file without a chain
	for _, e := range b.entries {
		if e.key == nil {
			continue
		}
		if _, repeated := uncertified[e.key.Thumbprint()]; !repeated {
			uncertified[e.key.Thumbprint()] = e
		}
	}
	tooLong := make(map[int]bool) // places of authorities that some chain has no room for
	for i, e := range b.entries {
		if e.certificate == nil || e.err != nil || index.isAuthority(e.certificate) {
			continue
		}
		places, next := index.chain(i)
		if next >= 0 {
			tooLong[next] = true
		}
		b.makeKey(p, e, places)
		if e.err == nil {
			e.giveChain(uncertified, b.chain(places))
		}
	}
	b.certifyAuthorities(p, index, uncertified)
	b.reportIdleAuthorities(tooLong)
}

// indexCertificates returns an index of the certificates, or nil if the file has no
// certificate.
func (b *bundle) indexCertificates() *certificateIndex {
	var index *certificateIndex
	for i, e := range b.entries {
		if e.certificate == nil {
			continue
		}
		if index == nil {
			index = &certificateIndex{make(map[int]*certificate), make(map[string][]int), make(map[string]bool)}
		}
		index.add(i, e.certificate, e.err == nil)
	}
	return index
}

// certifyAuthorities gives the uncertified keys that belong to authorities the chains that
// begin with the certificates of these authorities. Such a certificate does not become a key
// of its own.
func (b *bundle) certifyAuthorities(p *Parser, index *certificateIndex, uncertified map[Thumbprint]*bundleEntry) {
	if len(uncertified) == 0 {
		return
	}
	left := make(map[string]bool, len(uncertified)) // by the public key in DER
	for _, e := range uncertified {
		left[string(e.key.material().spki().key)] = true
	}
	for i, e := range b.entries {
		if e.certificate == nil || e.err != nil || !left[string(e.certificate.spki.key)] || !index.isAuthority(e.certificate) {
			continue
		}
		places, _ := index.chain(i)
		if b.makeKey(p, e, places); e.err == nil {
			e.giveChain(uncertified, b.chain(places))
			e.key = nil
		}
	}
}

// maxRepeated limits the certificates that are in several chains of a file, because an
// authority may have issued each of thousands of certificates. Chains that make no key count
// too.
const maxRepeated = 4 // times the size of the file

// makeKey makes the key of a chain, which begins with e.
func (b *bundle) makeKey(p *Parser, e *bundleEntry, places []int) {
	for _, place := range places {
		c := b.entries[place]
		if c.wasInChain {
			b.repeatedBytes += len(c.certificate.der)
		}
		c.wasInChain = true
	}
	if b.repeatedBytes > maxRepeated*b.size {
		e.err = errorf(ErrPolicy, "the certificates that are in several chains are more than %d times the size of the file", maxRepeated)
		return
	}
	if e.key, e.err = p.fromChain(b.chain(places)); e.err != nil {
		return
	}
	for _, place := range places {
		b.entries[place].inChain = true
		e.key.addDeviations(b.entries[place].block.deviations())
	}
}

// chain returns the certificates at the places.
func (b *bundle) chain(places []int) []certificate {
	chain := make([]certificate, len(places))
	for i, place := range places {
		chain[i] = *b.entries[place].certificate
	}
	return chain
}

// giveChain gives the chain of e to the key that it certifies, if that key is uncertified.
// Otherwise e keeps the key that was made from its chain.
func (e *bundleEntry) giveChain(uncertified map[Thumbprint]*bundleEntry, chain []certificate) {
	owner, found := uncertified[e.key.Thumbprint()]
	if !found {
		return
	}
	certified, err := owner.key.WithAttributes(Attributes{Certificates: unparsed(chain)})
	if err != nil {
		e.key, e.err = nil, err
		return
	}
	certified.addDeviations(&tolerance{owner.key.tolerated()}).addDeviations(&tolerance{e.key.tolerated()})
	owner.key, e.key = certified, nil
	delete(uncertified, certified.Thumbprint())
}

// reportIdleAuthorities sets the error of each authority that is in no chain, unless it is a
// copy of a certificate that is in one.
func (b *bundle) reportIdleAuthorities(tooLong map[int]bool) {
	var inChains map[string]bool // the certificates in chains, made when it is needed
	for i, e := range b.entries {
		if e.certificate == nil || e.inChain || e.err != nil {
			continue
		}
		if inChains == nil {
			inChains = make(map[string]bool)
			for _, e := range b.entries {
				if e.inChain {
					inChains[string(e.certificate.der)] = true
				}
			}
		}
		switch {
		case inChains[string(e.certificate.der)]:
		case tooLong[i]:
			e.idleAuthority, e.err = true, errorf(ErrPolicy, "in a chain of more than %d certificates", maxCertificates)
		default:
			e.idleAuthority, e.err = true, errorf(ErrInvalid, "an authority that certifies another certificate of the file, but is in no chain of a key")
		}
	}
}

// set returns the keys as a set, with the blocks that cannot be used as its skipped entries.
func (b *bundle) set(p *Parser) (*Set, error) {
	var keys []*Key
	var other rest
	var first *Error // the first reason; the reason of an idle authority only if there is no other
	firstIsIdle := false
	for _, e := range b.entries {
		place := len(keys) + len(other.skipped)
		switch {
		case e.key != nil:
			if b.marked {
				e.key.addDeviations(&tolerance{[]Deviation{{Code: DeviationBOM}}})
			}
			keys = append(keys, e.key)
		case e.err != nil:
			err := *e.err.(*Error) // every error of a block is an *Error
			err.below(entryPointer(place)).atOffset(e.block.offset)
			if first == nil || firstIsIdle && !e.idleAuthority {
				first, firstIsIdle = &err, e.idleAuthority
			}
			if p.FailFast && !e.idleAuthority {
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
