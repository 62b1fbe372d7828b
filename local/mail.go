package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
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
	for n := len(earlier) + 1; ; n++ {
		file, err := os.OpenFile(filepath.Join(folder, fmt.Sprintf("%04d.txt", n)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) { // another email arrived at the same time
			continue
		}
		if err != nil {
			return err
		}
		_, err = file.WriteString(text)
		return errors.Join(err, file.Close())
	}
}
