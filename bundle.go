package jwk

import "bytes"

// What is in a PEM file, and which certificates are for which key.

// A bundle is a PEM file that is being read.
type bundle struct {
	entries []*bundleEntry
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
func (b *bundle) certificate(p *Parser, block pemBlock) {
	c, err := p.newCertificate(block.der, block)
	if err != nil {
		b.entries = append(b.entries, &bundleEntry{block: block, err: err})
		return
	}
	if b.chain > 0 {
		chain := &b.entries[b.chain-1].chain
		last := (*chain)[len(*chain)-1]
		if bytes.Equal(last.issuer, c.subject) && !bytes.Equal(last.issuer, last.subject) && len(*chain) < maxCertificates {
			*chain = append(*chain, c)
			return
		}
	}
	b.entries = append(b.entries, &bundleEntry{block: block, chain: []certificate{c}})
	b.chain = len(b.entries)
}

// certify gives each chain to a key, or makes one of it.
func (b *bundle) certify(p *Parser) {
	keys := make(map[Thumbprint]*bundleEntry)
	for _, e := range b.entries {
		if e.key == nil {
			continue
		}
		if _, before := keys[e.key.Thumbprint()]; !before {
			keys[e.key.Thumbprint()] = e
		}
	}
	var entries []*bundleEntry
	for _, e := range b.entries {
		if e.chain == nil {
			entries = append(entries, e)
			continue
		}
		// Where the leaf cannot be used, the one that issued it still may.
		for chain := e.chain; len(chain) > 0; chain = chain[1:] {
			own := &bundleEntry{block: chain[0].block}
			if own.key, own.err = p.fromChain(chain); own.err == nil {
				own.certify(keys, chain)
			}
			entries = append(entries, own)
			if own.err == nil {
				break
			}
		}
	}
	b.entries = entries
}

// certify gives a chain, of which e is the key, to the key that it certifies, if
// that is in the file, and none had it before.
func (e *bundleEntry) certify(keys map[Thumbprint]*bundleEntry, chain []certificate) {
	of, found := keys[e.key.Thumbprint()]
	if !found {
		return
	}
	certified, err := of.key.WithAttributes(Attributes{Certificates: unparsed(chain)})
	if err != nil {
		e.key, e.err = nil, err
		return
	}
	of.key, e.key = certified, nil
	delete(keys, certified.Thumbprint())
}

// set makes the set.
func (b *bundle) set(p *Parser) (*Set, error) {
	var keys []*Key
	var other rest
	for _, e := range b.entries {
		place := len(keys) + len(other.skipped)
		switch {
		case e.key != nil:
			keys = append(keys, e.key)
		case e.err != nil:
			err := *e.err.(*Error) // as every error of this package's doors
			err.under(entryPointer(place)).from(e.block.offset)
			if p.FailFast {
				return nil, &err
			}
			text := &document{string(e.block.text)}
			other.skipped = append(other.skipped, skipped{
				part: part{text, span{0, len(text.text)}}, pem: true, after: len(keys), err: err,
			})
		}
	}
	return newSet(keys, other), nil
}
