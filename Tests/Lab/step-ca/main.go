// step-ca out of Debian's library package, which ships the sources without the command.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/smallstep/certificates/commands"
	"github.com/urfave/cli"
	"go.step.sm/cli-utils/step"

	_ "github.com/smallstep/certificates/cas/softcas"
)

func main() {
	step.Set("Smallstep CA", "0.19.0", "debian")
	app := cli.NewApp()
	app.Name, app.Version = "step-ca", step.Version()
	app.Flags = commands.AppCommand.Flags
	// The command is run, not its action: only so may flags follow the configuration file.
	app.Action = func(*cli.Context) error {
		set := flag.NewFlagSet(app.Name, flag.ContinueOnError)
		if err := set.Parse(os.Args); err != nil {
			return err
		}
		return commands.AppCommand.Run(cli.NewContext(app, set, nil))
	}
	if err := app.Run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
