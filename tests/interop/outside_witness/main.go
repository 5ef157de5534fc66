// Command outside_witness is a witness that others wrote, for one log: it serves until told to stop.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/witness/persistence/inmemory"
	w "github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: outside_witness LOG_VKEY PRIVATE_KEY")
		os.Exit(64)
	}
	if err := serve(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers until told to stop. It prints where.
func serve(ctx context.Context, log, private string) error {
	verifier, err := note.NewVerifier(log)
	if err != nil {
		return err
	}
	signer, err := f_note.NewSignerForCosignatureV1(private)
	if err != nil {
		return err
	}
	made, err := w.New(ctx, w.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			return verifier, origin == verifier.Name(), nil
		},
	})
	if err != nil {
		return err
	}
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /add-checkpoint", w.NewHTTPHandler(made).AddCheckpoint)
	server := &http.Server{Handler: routes}
	stopped, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		<-stopped.Done()
		_ = server.Close()
	}()
	fmt.Printf("http://%s\n", listening.Addr())
	if err := server.Serve(listening); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
