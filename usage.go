package jwk

import "slices"

// How use, key_ops and alg of an object are read, and how they must agree with each other and
// with the key: RFC 7517, Sections 4.2 to 4.4; RFC 7518, Sections 3.1, 4.1 and 5.1; RFC 8725,
// Section 3.1.

// maxOps limits key_ops. Eight operations are registered.
const maxOps = 32

// readUsage reads use, key_ops and alg into t, and checks that all of them agree with each
// other and with the other fields of t, which must be set. If tolerant is set, use may be at
// odds with alg.
func readUsage(m *members, t *traits, tolerant bool) error {
	use, err := m.str(mUse)
	if err != nil {
		return err
	}
	alg, err := m.str(mAlg)
	if err != nil {
		return err
	}
	t.use, t.alg = internUse(use), Algorithm(alg)
	if t.spec = specOf(t.alg); t.spec != nil {
		t.alg = t.spec.alg // the constant, which does not keep the text of the document
	} else if alg == "" {
		t.alg = "" // an empty part of the document would keep it too
	}
	if m.has(mKeyOps) {
		if t.ops, t.statesOps, err = readKeyOps(m); err != nil {
			return err
		}
	}
	return checkUsage(m, t, tolerant)
}

// internUse returns use. For the registered uses and "" it returns the constant, which does not keep
// the text of the document.
func internUse(use string) Use {
	switch use {
	case "":
		return ""
	case "sig":
		return UseSig
	case "enc":
		return UseEnc
	}
	return Use(use)
}

// readKeyOps reads key_ops. It skips unknown operations, and refuses a repeated one. states
// is false for an empty array, because .NET and the Web Cryptography API write it for keys that
// can be used.
func readKeyOps(m *members) (ops Ops, states bool, err error) {
	list, err := m.strs(mKeyOps, maxOps)
	if err != nil {
		return 0, false, err
	}
	var unknown []string
	for _, v := range list {
		name := unquote(m.doc.text[v.start:v.end])
		op := opOf(name)
		repeated := ops&op != 0
		if op == 0 {
			repeated = slices.Contains(unknown, name)
			unknown = append(unknown, name)
		}
		if repeated {
			return 0, false, m.errorf(mKeyOps, ErrInvalid, "repeated operation %s", word(name))
		}
		ops |= op
	}
	return ops, len(list) > 0, nil
}

// checkUsage checks that use, key_ops and alg in t agree with each other and with the key.
func checkUsage(m *members, t *traits, tolerant bool) error {
	able, spec := t.kind.ops, t.spec
	if uses := t.use.ops(); uses != 0 {
		if uses&able == 0 && !(tolerant && t.useAtOdds()) {
			return m.errorf(mUse, ErrInvalid, "%s is not a use of %s keys", t.use, t.kind.name())
		}
		if other := t.ops &^ uses; other != 0 {
			return m.errorf(mKeyOps, ErrInvalid, "%s is at odds with use %s", other, t.use)
		}
	}
	if other := t.ops &^ able; other != 0 {
		return m.errorf(mKeyOps, ErrInvalid, "%s is not an operation of %s keys", other, t.kind.name())
	}
	if t.alg == "none" {
		return m.errorf(mAlg, ErrInvalid, `"none" is not an algorithm for keys`)
	}
	if spec == nil {
		return nil
	}
	switch v := t.meets(spec); {
	case v == sizeDiffers:
		return m.errorf(mAlg, ErrInvalid, "%s", t.sizeNeeded(spec))
	case v != fits:
		return m.errorf(mAlg, ErrInvalid, "%s is not an algorithm of %s keys", spec.alg, t.kind.name())
	case t.useAtOdds() && !tolerant:
		return m.errorf(mAlg, ErrInvalid, "%s is at odds with use %s", spec.alg, t.use)
	}
	if other := t.ops &^ spec.use.ops(); other != 0 {
		return m.errorf(mAlg, ErrInvalid, "%s is at odds with operation %s", spec.alg, other)
	}
	return nil
}
