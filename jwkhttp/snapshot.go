package jwkhttp

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// maxSnapshotExtra is the size in octets that a snapshot may have beyond the limit for a body.
const maxSnapshotExtra = 16 << 10

var errSnapshot = errors.New("the snapshot is damaged, for another URL or from the future: starting without it")

// A snapshot is the JSON form of what is kept. It has a digest of the URL, which may hold a token.
type snapshot struct {
	URL          []byte          `json:"url_sha256"`
	FetchedAt    time.Time       `json:"fetched_at"`
	Life         *time.Duration  `json:"life_ns,omitempty"`
	ETag         string          `json:"etag,omitempty"`
	LastModified string          `json:"last_modified,omitempty"`
	Set          json.RawMessage `json:"set"`
}

// A sealedSnapshot is a snapshot with a digest that shows damage.
type sealedSnapshot struct {
	Sum      []byte          `json:"sha256"`
	Snapshot json.RawMessage `json:"snapshot"`
}

// Snapshot returns the set with its ETag, Last-Modified and times, for the Snapshot of
// [ClientOptions]. The next run then starts with this set, and needs no fetch until its life ends.
// Snapshot returns nil if there is no set yet. It also returns nil if the set has private keys, which
// only a Parser without PublicOnly accepts.
//
// The snapshot is not signed. Keep it where only the service can write: its keys are trusted.
func (c *Client) Snapshot() []byte {
	c.mu.Lock()
	k := c.kept
	c.mu.Unlock()
	if k.set == nil {
		return nil
	}
	text, err := k.set.MarshalJSON()
	if err != nil {
		return nil // it has private keys
	}
	digest := sha256.Sum256([]byte(c.url.String()))
	s := snapshot{
		URL: digest[:], FetchedAt: k.fetchedAt.UTC(), ETag: k.validators.etag, LastModified: k.validators.lastModified, Set: text,
	}
	if k.hasLife {
		s.Life = &k.life
	}
	inner, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(inner)
	sealed, err := json.Marshal(sealedSnapshot{sum[:], inner})
	if err != nil {
		return nil
	}
	return sealed
}

// restore takes over a snapshot. One that cannot be used is an event, and no error: the client starts
// without a set.
func (c *Client) restore(data []byte) {
	if len(data) == 0 {
		return
	}
	k, err := c.openSnapshot(data)
	if err != nil {
		c.events.add(Event{Kind: FetchFailed, Host: c.host, Err: c.failure(0, err)})
		return
	}
	c.kept = k
}

// openSnapshot reads a snapshot.
func (c *Client) openSnapshot(data []byte) (kept, error) {
	var sealed sealedSnapshot
	if len(data)-maxSnapshotExtra > c.parser.MaxBytes || json.Unmarshal(data, &sealed) != nil {
		return kept{}, errSnapshot
	}
	var s snapshot
	sum, digest := sha256.Sum256(sealed.Snapshot), sha256.Sum256([]byte(c.url.String()))
	switch {
	case !bytes.Equal(sealed.Sum, sum[:]), json.Unmarshal(sealed.Snapshot, &s) != nil:
		return kept{}, errSnapshot
	case !bytes.Equal(s.URL, digest[:]), s.FetchedAt.IsZero(), s.FetchedAt.After(time.Now()):
		return kept{}, errSnapshot
	}
	set, err := c.parseSet(s.Set)
	if err != nil {
		return kept{}, fmt.Errorf("%w: %w", errSnapshot, err)
	}
	k := kept{set: set, validators: validators{s.ETag, s.LastModified}}
	if s.Life != nil {
		k.life, k.hasLife = *s.Life, true
	}
	// The wall clock counts only once: from here on, the life runs on the monotonic clock.
	now := time.Now()
	return k.renewed(c.settings, now.Add(s.FetchedAt.Sub(now))), nil
}
