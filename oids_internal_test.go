package jwk

import (
	"encoding/asn1"
	"testing"
)

// TestCommonOIDs: if this fails, an identifier in a certificate is read as another one.
func TestCommonOIDs(t *testing.T) {
	if len(commonOIDs) == 0 {
		t.Fatal("got no common object identifiers, want some")
	}
	for _, common := range commonOIDs {
		want, err := asn1.Marshal(common.id)
		if err != nil || common.der != string(want) {
			t.Errorf("%v: got DER %x, want %x, %v", common.id, common.der, want, err)
		}
	}
}
