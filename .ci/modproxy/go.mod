module github.com/seed1f6cf2d3/jwk/.ci/modproxy

go 1.26.0

require golang.org/x/mod v0.42.0
