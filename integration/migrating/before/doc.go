// Package before verifies tokens with the clients of other libraries. Package after does the same
// with jwkhttp, and docs/migrating.md shows the difference.
package before
