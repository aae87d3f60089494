// Package after is package before with the clients of jwkhttp.
package after
