package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"snaplake/local/internal/sns"
)

// mailFolder is the folder in the data lake that keeps the emails.
const mailFolder = "mail"

// mailbox prints the emails about failed executions, and keeps them in the data lake of the work folder dir.
type mailbox struct{ dir string }

func (m mailbox) deliver(mail sns.Message) {
	to := cmp.Or(strings.Join(mail.To, ", "), `nobody, because the setting "notify" is empty`)
	text := fmt.Sprintf("Email to %s\nSubject: %s\n\n%s\n", to, mail.Subject, mail.Text)
	fmt.Print("\n" + text)
	if err := m.keep(text); err != nil {
		fmt.Fprintln(os.Stderr, "snaplake: keep the email:", err)
	}
}

// keep writes an email to the next numbered file.
func (m mailbox) keep(text string) error {
	folder := filepath.Join(m.dir, nextFolder, mailFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	earlier, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, fmt.Sprintf("%04d.txt", len(earlier)+1)), []byte(text), 0o600)
}
