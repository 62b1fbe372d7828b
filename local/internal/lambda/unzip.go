package lambda

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"snaplake/local/internal/wire"
)

// maxUnzipped is how many bytes the files of a layer must stay below (Lambda guide, "Lambda quotas").
const maxUnzipped = 262144000

func tooLarge() error {
	return wire.Errorf("InvalidParameterValueException", "Unzipped size must be smaller than %d bytes", maxUnzipped)
}

// unpack writes the files of an archive into a folder of their own.
func (s *Service) unpack(archive []byte) (dir string, err error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return "", damaged(err)
	}
	left := uint64(maxUnzipped)
	for _, f := range z.File {
		if f.UncompressedSize64 >= left {
			return "", tooLarge()
		}
		left -= f.UncompressedSize64
	}
	if dir, err = s.options.Store.TempDir(); err != nil {
		return "", fmt.Errorf("make a folder for a layer: %w", err)
	}
	if err := unzip(z, dir); err != nil {
		return "", errors.Join(damaged(err), os.RemoveAll(dir))
	}
	return dir, nil
}

func damaged(err error) error {
	return wire.Errorf("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again. (%v)", err)
}

// unzip writes the files of an archive below dir. An entry that would be elsewhere, by "..", is an error of [os.Root].
func unzip(z *zip.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range z.File {
		if err := unzipEntry(f, root); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func unzipEntry(f *zip.File, root *os.Root) error {
	folder := path.Dir(f.Name) // of a folder, whose name ends with a slash, itself
	if err := root.MkdirAll(folder, 0o700); err != nil || f.Mode().IsDir() {
		return err
	}
	if !f.Mode().IsRegular() {
		return errors.New("it is neither a file nor a folder")
	}
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.OpenFile(f.Name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from) // not more than the size that the archive says, which was looked at before
	return errors.Join(err, to.Close())
}
