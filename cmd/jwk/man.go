package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

func newMan() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "man [flags] DIR",
		Short: "Write the manual pages",
		Long: `man writes a manual page for jwk and for each verb into a directory, which is
made if it does not exist. The same version writes the same pages. Existing
files are not replaced without --force.`,
		Example: `  jwk man ~/.local/share/man/man1
  man jwk-generate`,
		Args: arguments("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return trouble{err}
			}
			return writePages(cmd.Root(), args[0], force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace pages that exist")
	return cmd
}

// writePages writes the page of a verb and of the verbs below it.
func writePages(cmd *cobra.Command, dir string, force bool) error {
	text, err := page(cmd)
	if err != nil {
		return trouble{err}
	}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	if err := files.Write(filepath.Join(dir, name), text, files.WriteOptions{Replace: force}); err != nil {
		return err
	}
	for _, verb := range cmd.Commands() {
		if !verb.IsAvailableCommand() || verb.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := writePages(verb, dir, force); err != nil {
			return err
		}
	}
	return nil
}

// page returns the manual page of a verb without a date: package doc writes the date of today
// unless it is given another, and the same version must write the same page.
func page(cmd *cobra.Command) ([]byte, error) {
	var text bytes.Buffer
	noDate := time.Time{}
	cmd.DisableAutoGenTag = true
	err := doc.GenMan(cmd, &doc.GenManHeader{Section: "1", Source: "jwk", Manual: "JSON Web Keys", Date: &noDate}, &text)
	dated := fmt.Appendf(nil, "%q", noDate.Format("Jan 2006"))
	return bytes.Replace(text.Bytes(), dated, []byte(`""`), 1), err
}
