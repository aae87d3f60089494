package jwk

import "bytes"

// What is in a PEM file, and which certificates are for which key.

// A bundle is a PEM file that is being read.
type bundle struct {
	entries []bundleEntry
	chain   int // 1 + where the last chain is
}

// A bundleEntry is a key, a chain, or an error.
type bundleEntry struct {
	block pemBlock
	key   *Key
	chain []certificate
	err   error
}

// certificate adds a certificate, to the last chain if it is the issuer of what
// that ends with.
func (b *bundle) certificate(block pemBlock) {
	c, err := newCertificate(block.der)
	if err != nil {
		b.entries = append(b.entries, bundleEntry{block: block, err: err})
		return
	}
	if b.chain > 0 {
		chain := &b.entries[b.chain-1].chain
		last := (*chain)[len(*chain)-1]
		if bytes.Equal(last.issuer, c.subject) && !bytes.Equal(last.issuer, last.subject) {
			*chain = append(*chain, c)
			return
		}
	}
	b.entries = append(b.entries, bundleEntry{block: block, chain: []certificate{c}})
	b.chain = len(b.entries)
}

// certify gives each chain to a key, or makes one of it.
func (b *bundle) certify(p *Parser) {
	keys := make(map[Thumbprint]int)
	for i, e := range b.entries {
		if e.key == nil {
			continue
		}
		if _, before := keys[e.key.Thumbprint()]; !before {
			keys[e.key.Thumbprint()] = i
		}
	}
	for i := range b.entries {
		e := &b.entries[i]
		if e.chain == nil {
			continue
		}
		if e.key, e.err = p.fromChain(e.chain); e.err != nil {
			continue
		}
		at, found := keys[e.key.Thumbprint()]
		if !found {
			continue
		}
		certified, err := b.entries[at].key.WithAttributes(Attributes{Certificates: unparsed(e.chain)})
		if err != nil {
			e.key, e.err = nil, err
			continue
		}
		// The next chain of this key, if there is one, is a key of its own.
		b.entries[at].key, e.key = certified, nil
		delete(keys, certified.Thumbprint())
	}
}

// set makes the set.
func (b *bundle) set(p *Parser) (*Set, error) {
	s := new(set)
	for _, e := range b.entries {
		place := len(s.keys) + len(s.skipped)
		switch {
		case e.key != nil:
			s.keys = append(s.keys, e.key)
		case e.err != nil:
			err := *e.err.(*Error) // as every error of this package's doors
			err.under(entryPointer(place)).from(e.block.offset)
			if p.FailFast {
				return nil, &err
			}
			text := &document{string(e.block.text)}
			s.skipped = append(s.skipped, skipped{
				part: part{text, span{0, len(text.text)}}, pem: true, after: len(s.keys), err: err,
			})
		}
	}
	return s.done(), nil
}
