package jwk

import "slices"

// kinds is the table of the kinds of key. The order decides the order of names in errors, and
// New asks the rows in this order.
var kinds = []*kindRow{
	&rsaKind,
	&p256Kind, &p384Kind, &p521Kind,
	&ed25519Kind, &x25519Kind,
	&octKind,
	&secp256k1Kind, &ed448Kind, &x448Kind,
	&mldsa44Kind, &mldsa65Kind, &mldsa87Kind,
}

// row returns the row of a kind.
func (k *kind) row() *kindRow {
	for _, row := range kinds {
		if &row.kind == k {
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

// kindNamed returns the row for a name in DER, or nil.
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
	selector := mKty // all rows of a kty have the same
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
	switch selector {
	case mCrv:
		return nil, m.errorf(mCrv, ErrUnsupported, "curve %s, want %s", word(selected), oneOf(namesOf(kty)...))
	case mAlg:
		return nil, m.errorf(mAlg, ErrUnsupported, "algorithm %s, want %s for an %s key", word(selected), oneOf(namesOf(kty)...), kty)
	}
	return nil, m.errorf(mKty, ErrUnsupported, "key type %s, want %s", word(kty), oneOf(keyTypes()...))
}

// namesOf returns the names of the kinds of a key type.
func namesOf(kty string) []string {
	var names []string
	for _, k := range kinds {
		if string(k.kty) == kty {
			names = append(names, k.name())
		}
	}
	return names
}

// keyTypes returns the key types of the table.
func keyTypes() []KeyType {
	var types []KeyType
	for _, k := range kinds {
		if !slices.Contains(types, k.kty) {
			types = append(types, k.kty)
		}
	}
	return types
}

// isPublicMaterial reports whether a member is public material of the key type of an object, also
// if the object selects no row.
func isPublicMaterial(m *members, id memberID) bool {
	kty := m.text(mKty)
	for _, k := range kinds {
		if string(k.kty) == kty {
			return k.public&(1<<id) != 0
		}
	}
	return false
}
