// Package examples has no code: its folders are whole programs that use package jwk.
package examples
