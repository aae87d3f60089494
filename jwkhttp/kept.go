package jwkhttp

import (
	"crypto/sha256"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// kept is the last good set, with what the client knows of its life. The zero kept has no set.
type kept struct {
	set        *jwk.Set
	digest     [sha256.Size]byte // of the body; zero after a snapshot
	validators validators
	life       time.Duration // as the server states it
	hasLife    bool          // the server states a life
	fetchedAt  time.Time     // the last success
	dueAt      time.Time     // a refresh may start
	expiresAt  time.Time     // the end of the life
	staleAt    time.Time     // the set must not be used any more
}

// A phase is a part of the life of a set.
type phase int

const (
	cold    phase = iota // there is no set
	fresh                // the set needs no refresh
	due                  // a refresh may start in the background
	expired              // the life has ended; a read waits for a refresh
	stale                // the set must not be used
)

// phase returns the phase at a time.
func (k *kept) phase(now time.Time) phase {
	switch {
	case k.set == nil:
		return cold
	case now.Before(k.dueAt):
		return fresh
	case now.Before(k.expiresAt):
		return due
	case now.Before(k.staleAt):
		return expired
	}
	return stale
}

// renewed returns k with the times that follow from a success at fetchedAt.
func (k kept) renewed(s *settings, fetchedAt time.Time) kept {
	life := s.defaultTTL
	if k.hasLife {
		life = clampLife(k.life, s.minTTL, s.maxTTL)
	}
	k.fetchedAt = fetchedAt
	k.dueAt = fetchedAt.Add(refreshAfter(life))
	k.expiresAt = fetchedAt.Add(life)
	k.staleAt = fetchedAt.Add(max(life, s.staleFor))
	return k
}

// after returns what is kept after an answer. Without another set, the set is the same pointer.
func (k kept) after(s *settings, a *answer, now time.Time) (kept, error) {
	if a.stated || !a.notModified {
		k.life, k.hasLife = a.life, a.stated
	}
	if !a.notModified {
		if digest := bodyDigest(a.body); k.set == nil || digest != k.digest {
			set, err := s.parseSet(a.body)
			if err != nil {
				return kept{}, err
			}
			k.set, k.digest = set, digest
		}
		k.validators = a.validators
	} else {
		k.validators.etag = orDefault(a.validators.etag, k.validators.etag)
		k.validators.lastModified = orDefault(a.validators.lastModified, k.validators.lastModified)
	}
	return k.renewed(s, now), nil
}
