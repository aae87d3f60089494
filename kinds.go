package jwk

import "slices"

// kinds is the table of the kinds of key. The order decides the order of names in errors, and
// New asks the rows in this order.
var kinds = []*kindRow{
	rsaKind,
	p256Kind, p384Kind, p521Kind,
	ed25519Kind, x25519Kind,
	octKind,
	secp256k1Kind, ed448Kind, x448Kind,
	mldsa44Kind, mldsa65Kind, mldsa87Kind,
}

// row returns the row of a kind.
func (k *kind) row() *kindRow {
	for _, row := range kinds {
		if row.kind == k {
			return row
		}
	}
	return nil // never: every kind is in a row
}

// kindFor returns the row for a type, a curve and an algorithm, or nil. An empty type matches
// every type that has the curve. The algorithm matters only for types whose kinds it selects.
func kindFor(kty KeyType, crv Curve, alg Algorithm) *kindRow {
	for _, k := range kinds {
		if (k.kty == kty || kty == "") && k.crv == crv && (k.alg == alg || k.alg == "") {
			return k
		}
	}
	return nil
}

// kindNamed returns the row for an AlgorithmIdentifier, or nil.
func kindNamed(id algorithmID) *kindRow {
	for _, k := range kinds {
		for _, own := range k.algorithms {
			if own.equal(id) {
				return k
			}
		}
	}
	return nil
}

// kindOf returns the row for an object: kty selects it, together with crv or alg if several
// rows have that kty.
func kindOf(m *members) (*kindRow, error) {
	if !m.has(mKty) {
		return nil, m.errorf(mKty, ErrInvalid, "missing")
	}
	kty, err := m.str(mKty)
	if err != nil {
		return nil, err
	}
	selector := mKty // all rows of a kty have the same selector
	var selected string
	for _, k := range kinds {
		if string(k.kty) != kty {
			continue
		}
		id, value := k.selector()
		if id == mKty {
			return k, nil
		}
		if selector == mKty {
			selector = id
			if !m.has(id) {
				return nil, m.errorf(id, ErrInvalid, "missing")
			}
			if selected, err = m.str(id); err != nil {
				return nil, err
			}
		}
		if value == selected {
			return k, nil
		}
	}
	return nil, errNoKind(m, KeyType(kty), selector, selected)
}

// errNoKind returns the error about an object that selects no row. selector is the member that
// selects among the rows of its kty, or mKty if no row has that kty.
func errNoKind(m *members, kty KeyType, selector memberID, selected string) error {
	var names []string
	for _, k := range kinds {
		name := string(k.kty)
		if selector != mKty {
			if k.kty != kty {
				continue
			}
			name = k.name()
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	want := oneOf(names...)
	switch selector {
	case mCrv:
		return m.errorf(mCrv, ErrUnsupported, "curve %s, want %s", word(selected), want)
	case mAlg:
		return m.errorf(mAlg, ErrUnsupported, "algorithm %s, want %s for an %s key", word(selected), want, kty)
	}
	return m.errorf(mKty, ErrUnsupported, "key type %s, want %s", word(kty), want)
}

// isPublicMaterial reports whether a member is public material of the key type of an object.
// Only kty must be known: crv or alg may be missing.
func isPublicMaterial(m *members, id memberID) bool {
	kty := m.text(mKty)
	for _, k := range kinds {
		if string(k.kty) == kty {
			return k.public&(1<<id) != 0
		}
	}
	return false
}
