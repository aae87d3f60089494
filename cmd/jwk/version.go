package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A versionReport is the document that version --json writes.
type versionReport struct {
	Version    string   `json:"version"`
	Library    string   `json:"library"`
	Go         string   `json:"go"`
	OS         string   `json:"os"`
	Arch       string   `json:"arch"`
	Algorithms []string `json:"algorithms"`
}

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version [flags]",
		Short: "Show the version, and the algorithms",
		Long: `version shows the version of this command, of package jwk and of Go, and the
algorithms for which jwk generate makes keys. A version is (devel) if the
command was not built from a released module.`,
		Example: `  jwk version
  jwk version --json | jq -r .version`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r := newVersionReport()
			text := asciiJSON(r)
			if !asJSON {
				text = r.text(terminal.ScreenOf(cmd.OutOrStdout()))
			}
			if _, err := cmd.OutOrStdout().Write(text); err != nil {
				return trouble{err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON for programs")
	return cmd
}

// devel is the version of a module that was built from a working tree.
const devel = "(devel)"

func newVersionReport() versionReport {
	r := versionReport{
		Version:    devel,
		Library:    devel,
		Go:         runtime.Version(),
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
		Algorithms: algorithmNames(),
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return r
	}
	if info.Main.Version != "" {
		r.Version = info.Main.Version
	}
	for _, module := range info.Deps {
		if module.Path == "github.com/seed1f6cf2d3/jwk" && module.Replace == nil {
			r.Library = module.Version
		}
	}
	return r
}

func (r versionReport) text(s terminal.Screen) []byte {
	return []byte("jwk " + r.Version + "\n" +
		"package jwk " + r.Library + "\n" +
		r.Go + " " + r.OS + "/" + r.Arch + "\n" +
		"algorithms: " + s.Wrap(strings.Join(r.Algorithms, ", "), "            ") + "\n")
}
