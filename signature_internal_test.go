package jwk

import "testing"

// TestSchemes checks that every signature algorithm has a whole row in schemes, and that no other
// algorithm has a row. An algorithm without a row could be parsed, but neither sign nor verify.
func TestSchemes(t *testing.T) {
	for _, spec := range algSpecs {
		s := schemeOf(spec.alg)
		if got, want := s != nil, spec.use == UseSig; got != want {
			t.Errorf("%s: has a scheme: got %v, want %v", spec.alg, got, want)
		}
		if s != nil && (s.alg != spec.alg || s.sign == nil || s.verify == nil || s.hash != 0 && !s.hash.Available()) {
			t.Errorf("%s: got scheme %+v, want a whole one of that algorithm", spec.alg, s)
		}
	}
	for i := range schemes {
		if specOf(schemes[i].alg) == nil {
			t.Errorf("%s: got a scheme for an algorithm that is not in the table", schemes[i].alg)
		}
	}
}
