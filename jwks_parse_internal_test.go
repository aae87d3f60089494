package jwk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestKeyListsKeepNoKey: if this fails, the pool keeps keys in memory after the program has dropped
// their set. Private keys stay in memory, too.
func TestKeyListsKeepNoKey(t *testing.T) {
	setOf := func(n int) []byte {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = fmt.Sprintf(`{"kty":"oct","k":"AQID","kid":"%d"}`, i)
		}
		return []byte(`{"keys":[` + strings.Join(keys, ",") + `]}`)
	}
	seen := 0
	for range 20 { // the pool may give new memory at any time
		// The list of the second set begins in the memory of the first, and then outgrows it.
		for _, n := range []int{maxKeyList / 2, 3 * maxKeyList} {
			if s, err := ParseSet(setOf(n)); err != nil || s.Len() != n {
				t.Fatalf("got %v, %v, want %d keys", s, err, n)
			}
			list := keyLists.Get().(*[]*Key)
			all := (*list)[:cap(*list)]
			seen += len(all)
			if i := slices.IndexFunc(all, func(k *Key) bool { return k != nil }); i >= 0 {
				t.Fatalf("after a set of %d: got a key at %d in the list of the pool, want no key", n, i)
			}
			if len(all) > maxKeyList {
				t.Errorf("got a list for %d keys in the pool, want at most %d", len(all), maxKeyList)
			}
			keyLists.Put(list)
		}
	}
	if seen == 0 {
		t.Error("got only new lists from the pool, want the list of a set")
	}
}
