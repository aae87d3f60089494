package jwk

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The outer forms of keys in DER: SubjectPublicKeyInfo (RFC 5280, Section 4.1.2.7) and
// PrivateKeyInfo (RFC 5208, Section 5; RFC 5958, Section 2). The form of the key inside them
// depends on the kind of key, and this file does not read it.

// An algorithmID is an AlgorithmIdentifier (RFC 5280, Section 4.1.1.2). It names the kind of a
// key.
type algorithmID struct {
	algorithm asn1.ObjectIdentifier
	curve     asn1.ObjectIdentifier // the parameters, if they are an object identifier
	null      bool                  // the parameters are NULL
	other     bool                  // the parameters are something else
}

func (id algorithmID) equal(other algorithmID) bool {
	return id.algorithm.Equal(other.algorithm) && id.curve.Equal(other.curve) &&
		id.null == other.null && id.other == other.other
}

// publicKeyInfo is a SubjectPublicKeyInfo.
type publicKeyInfo struct {
	algorithmID
	key []byte
}

// privateKeyInfo is a PrivateKeyInfo.
type privateKeyInfo struct {
	algorithmID
	key       []byte
	public    []byte     // nil if absent
	explicit  bool       // public has an explicit tag, which is wrong
	tolerance *tolerance // for deviations in key
}

// element reads the element that der begins with. It returns the content of the element and the
// octets after it. If der does not begin with a well-formed element that has the tag, rest is nil.
// A nil der has no element, so only the last of several calls in turn needs a check.
//
// It accepts the same elements as ReadASN1 of cryptobyte (TestElement).
//
// cryptobyte writes each rest through a pointer, which is slow while the garbage collector runs.
// With it, parsing keys with x5c takes 8 % longer (BenchmarkParseSet).
func element(der []byte, tag cbasn1.Tag) (content, rest []byte) {
	if len(der) < 2 || der[0] != byte(tag) {
		return nil, nil
	}
	size, start := uint64(der[1]), 2
	if size >= 0x80 { // the size has more than one octet (X.690, Section 8.1.3.5)
		start += int(size - 0x80)
		if start == 2 || start > 6 || len(der) < start {
			return nil, nil
		}
		size = 0
		for _, b := range der[2:start] {
			size = size<<8 | uint64(b)
		}
		if size < 0x80 || der[2] == 0 { // not the shortest form, which DER wants
			return nil, nil
		}
	}
	if size > uint64(len(der)-start) {
		return nil, nil
	}
	end := start + int(size)
	return der[start:end], der[end:]
}

// wholeElement returns the element that der begins with, including its tag and size, and the
// octets after it, as element does.
func wholeElement(der []byte, tag cbasn1.Tag) (whole, rest []byte) {
	_, rest = element(der, tag)
	return der[:len(der)-len(rest)], rest
}

// isEnd reports whether a rest that element returned shows that the elements were found, and that
// nothing follows them.
func isEnd(rest []byte) bool { return rest != nil && len(rest) == 0 }

// maxOID limits object identifiers, because errors show them. The identifiers in use are
// shorter.
const maxOID = 64 // octets

// readOID reads an object identifier.
func readOID(s *cryptobyte.String, id *asn1.ObjectIdentifier) bool {
	var whole cryptobyte.String
	if !s.ReadASN1Element(&whole, cbasn1.OBJECT_IDENTIFIER) || len(whole) > maxOID {
		return false
	}
	for i := range commonOIDs {
		if common := &commonOIDs[i]; string(whole) == common.der {
			*id = common.id
			return true
		}
	}
	return whole.ReadASN1ObjectIdentifier(id)
}

// readAlgorithmID reads an AlgorithmIdentifier.
func readAlgorithmID(s *cryptobyte.String) (id algorithmID, ok bool) {
	var seq cryptobyte.String
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) || !readOID(&seq, &id.algorithm) {
		return algorithmID{}, false
	}
	switch {
	case seq.Empty():
		return id, true
	case seq.PeekASN1Tag(cbasn1.OBJECT_IDENTIFIER):
		ok = readOID(&seq, &id.curve)
	case seq.PeekASN1Tag(cbasn1.NULL):
		var empty cryptobyte.String
		id.null = true
		ok = seq.ReadASN1(&empty, cbasn1.NULL) && empty.Empty()
	default:
		id.other = true
		var any cryptobyte.String
		var tag cbasn1.Tag
		ok = seq.ReadAnyASN1(&any, &tag)
	}
	return id, ok && seq.Empty()
}

// append appends the AlgorithmIdentifier.
func (id algorithmID) append(b *cryptobyte.Builder) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id.algorithm)
		switch {
		case id.curve != nil:
			b.AddASN1ObjectIdentifier(id.curve)
		case id.null:
			b.AddASN1NULL()
		}
	})
}

// readPublicKeyInfo reads a SubjectPublicKeyInfo.
func readPublicKeyInfo(s *cryptobyte.String) (info publicKeyInfo, ok bool) {
	seq, after := element(*s, cbasn1.SEQUENCE)
	algorithm, rest := wholeElement(seq, cbasn1.SEQUENCE)
	key, rest := element(rest, cbasn1.BIT_STRING)
	if !isEnd(rest) || len(key) == 0 || key[0] != 0 { // the number of unused bits
		return publicKeyInfo{}, false
	}
	*s, info.key = after, key[1:]
	id := cryptobyte.String(algorithm)
	info.algorithmID, ok = readAlgorithmID(&id)
	return info, ok
}

// der returns the SubjectPublicKeyInfo.
func (info publicKeyInfo) der() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		info.append(b)
		b.AddASN1BitString(info.key)
	})
	return b.Bytes()
}

// readPrivateKeyInfo reads a PrivateKeyInfo. It ignores the attributes.
func readPrivateKeyInfo(s *cryptobyte.String) (info privateKeyInfo, ok bool) {
	var seq, octets cryptobyte.String
	var version uint
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1Integer(&version) || version > 1 {
		return privateKeyInfo{}, false
	}
	if info.algorithmID, ok = readAlgorithmID(&seq); !ok {
		return privateKeyInfo{}, false
	}
	if !seq.ReadASN1(&octets, cbasn1.OCTET_STRING) ||
		!seq.SkipOptionalASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) { // attributes
		return privateKeyInfo{}, false
	}
	info.key = octets
	// Only version 1 has a public key (RFC 5958): an implicit BIT STRING of whole octets.
	const tag = cbasn1.Tag(1)
	var public cryptobyte.String
	var present bool
	if !seq.ReadOptionalASN1(&public, &present, tag.ContextSpecific()) ||
		!seq.ReadOptionalASN1(&public, &info.explicit, tag.ContextSpecific().Constructed()) || !seq.Empty() {
		return privateKeyInfo{}, false
	}
	switch {
	case !present && !info.explicit:
		return info, true
	case version != 1 || present && info.explicit:
		return privateKeyInfo{}, false
	case info.explicit:
		ok = public.ReadASN1BitStringAsBytes(&info.public) && public.Empty()
	default:
		var unused uint8
		ok = public.ReadUint8(&unused) && unused == 0
		info.public = public
	}
	return info, ok && len(info.public) > 0
}

// der returns the PrivateKeyInfo. It has version 0, which every reader knows, and therefore no
// public key.
func (info privateKeyInfo) der() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Uint64(0)
		info.append(b)
		b.AddASN1OctetString(info.key)
	})
	return b.Bytes()
}

// errDER returns the error for DER that does not have the expected form.
func errDER(form string) error { return errorf(ErrSyntax, "no %s in DER", form) }
