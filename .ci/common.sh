# The variables and functions that the scripts of this folder share. A script sources this file, which
# also changes to the root of the repository:
#
#	. "$(dirname "$0")/common.sh"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unset GOWORK
root=$PWD
module=github.com/seed1f6cf2d3/jwk
go127=go1.27.4 # the newer of the two releases of Go; the older one is in go.mod
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The modules of go.work, as folders. bench is not one of them: it needs Go 1.27.
modules=$(go list -m -f '{{.Dir}}')

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# step prints a headline, and how long the step before it took.
step() {
	if [ -n "${step_start:-}" ]; then printf '   %d s\n' $((SECONDS - step_start)); fi
	step_start=$SECONDS
	printf '\n== %s\n' "$*"
}

# in_modules runs a command in the folder of each module of the workspace.
in_modules() {
	local dir
	for dir in $modules; do (cd "$dir" && "$@"); done
}

# alone runs a command of the go tool for the module of the current folder, outside of the workspace.
#
# The go.mod files have no replace directive, so that go install works with a tag, and the go.sum
# files have no line of the root, because it would change with each commit. A copy of both in
# another folder therefore gets a replace directive. All other modules are checked as always.
alone() {
	local copy
	copy=$(mktemp -d "$tmp/XXXXXX")
	cp go.mod go.sum "$copy"
	if [ "$PWD" != "$root" ]; then
		printf '\nreplace %s => %s\n' "$module" "$root" >>"$copy/go.mod"
	fi
	GOWORK=off GOFLAGS="$(go env GOFLAGS) -modfile=$copy/go.mod" "$@"
}

# gofmt_all fails if a file is not formatted.
gofmt_all() {
	local unformatted
	unformatted=$(gofmt -l .)
	if [ -n "$unformatted" ]; then
		echo "$unformatted"
		return 1
	fi
}
