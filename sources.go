package jwk

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Sources returns a Source that asks several sources, one after the other. Use it to accept the
// keys of two providers during a migration, or to ask a local set before a remote one.
//
// Find and FindAll return the result of the first source that has one, and do not ask the
// sources after it. The keys of different sources are never combined. A token without a kid is
// therefore tried only with the keys of one source.
//
// If no source has a result, the error is errors.Join of the errors of all sources. Each error
// is preceded by the result of the String method of its source, or by its place, such as
// "source 2 of 3", if the source has no such method. errors.Is and errors.As find each error.
// The error can be [ErrNotFound] and also another kind: then one source does not have the key,
// and another could not look. A service that then wants to answer "try again" must test for the
// other kind first.
//
// Nil sources are left out. If a source is itself a result of Sources, its sources are asked in
// its place. Without sources the error is a [*NotFoundError]. The search goes on after an error
// and after the end of ctx, because a later source may be a set in memory. Sources copies the
// slice. If the first source has the result, Sources allocates nothing itself.
//
// The result is safe for concurrent use, and its String method lists the sources.
func Sources(sources ...Source) Source {
	var list []Source
	for _, source := range sources {
		switch source := source.(type) {
		case nil:
		case *sourceList:
			list = append(list, source.sources...)
		case *Set:
			if source == nil { // Find works on it, but String would panic
				source = new(Set)
			}
			list = append(list, source)
		default:
			list = append(list, source)
		}
	}
	return &sourceList{list}
}

// A sourceList is the result of Sources.
type sourceList struct {
	sources []Source // no nil and no *sourceList
}

func (l *sourceList) Find(ctx context.Context, q Query) (*Key, error) {
	var errs []error
	for i, source := range l.sources {
		key, err := source.Find(ctx, q)
		if err == nil && key != nil {
			return key, nil
		}
		errs = append(errs, l.errorOf(i, &q, err))
	}
	return nil, joined(errs, &q)
}

func (l *sourceList) FindAll(ctx context.Context, q Query) ([]*Key, error) {
	var errs []error
	for i, source := range l.sources {
		keys, err := source.FindAll(ctx, q)
		if err == nil && len(keys) > 0 {
			return keys, nil
		}
		errs = append(errs, l.errorOf(i, &q, err))
	}
	return nil, joined(errs, &q)
}

// errorOf returns the error of source i, preceded by the name of the source. For a source that
// returned neither a key nor an error, which the interface forbids, it returns a NotFoundError.
func (l *sourceList) errorOf(i int, q *Query, err error) error {
	if err == nil {
		err = &NotFoundError{Query: *q}
	}
	return fmt.Errorf("%s: %w", l.name(i), err)
}

// joined returns the error of a sourceList, made from the errors of its sources.
func joined(errs []error, q *Query) error {
	if errs == nil {
		return &NotFoundError{Query: *q}
	}
	return errors.Join(errs...)
}

// name returns the String of a source, or its place.
func (l *sourceList) name(i int) string {
	if s, ok := l.sources[i].(fmt.Stringer); ok {
		if name := s.String(); name != "" {
			return name
		}
	}
	return fmt.Sprintf("source %d of %d", i+1, len(l.sources))
}

// String lists the sources in the order in which they are asked, each as in the errors.
func (l *sourceList) String() string {
	if len(l.sources) == 0 {
		return "no sources"
	}
	names := make([]string, len(l.sources))
	for i := range names {
		names[i] = l.name(i)
	}
	return strings.Join(names, ", then ")
}
