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
	var seq cryptobyte.String
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return publicKeyInfo{}, false
	}
	if info.algorithmID, ok = readAlgorithmID(&seq); !ok {
		return publicKeyInfo{}, false
	}
	return info, seq.ReadASN1BitStringAsBytes(&info.key) && seq.Empty()
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
