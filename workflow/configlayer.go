package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// layerFile is the name of the configuration file, which is the only file in the Lambda layer.
const layerFile = "pipeline.json"

type layer struct {
	Config Config `json:"config"`
	// Views maps the name of each source to its user-defined views.
	Views map[string][]View `json:"views"`
}

// WriteLayer writes the layer's file to the folder dir, which it creates if needed.
func WriteLayer(dir string, c Config) error {
	l := layer{Config: c, Views: map[string][]View{}}
	for _, s := range c.Sources {
		l.Views[s.Name] = s.Views
	}
	b, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, layerFile), b, 0o644)
}

// ReadLayer reads the file that WriteLayer wrote to dir. In Lambda, dir is /opt.
func ReadLayer(dir fs.FS) (Config, error) {
	var l layer
	b, err := fs.ReadFile(dir, layerFile)
	if err != nil {
		return l.Config, fmt.Errorf("read the configuration layer: %w", err)
	}
	if err := json.Unmarshal(b, &l); err != nil {
		return l.Config, fmt.Errorf("read the configuration layer: %s: %w", layerFile, PlainJSON(err))
	}
	if len(l.Config.Sources) == 0 {
		return l.Config, fmt.Errorf("read the configuration layer: %s contains no sources; another version of Snaplake wrote it", layerFile)
	}
	for i := range l.Config.Sources {
		l.Config.Sources[i].Views = l.Views[l.Config.Sources[i].Name]
	}
	return l.Config, nil
}

// IsEditorFile reports whether a file was left by an editor or a file manager, for example as a lock or a backup.
func IsEditorFile(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasPrefix(name, "~$") ||
		strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".swp")
}

// ReadViews reads views/SOURCE/*.sql, sorted by name. It returns no views if the folder does not exist.
func ReadViews(dir fs.FS, source string) ([]View, error) {
	folder := path.Join("views", source)
	entries, err := fs.ReadDir(dir, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the views of source %q: %w", source, err)
	}
	var views []View
	for _, e := range entries {
		name, isSQL := strings.CutSuffix(e.Name(), ".sql")
		if !isSQL || e.IsDir() || IsEditorFile(e.Name()) {
			continue
		}
		file := path.Join(folder, e.Name())
		b, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, fmt.Errorf("read a view of source %q: %w", source, err)
		}
		views = append(views, View{Name: name, SQL: trimQuery(string(b)), File: file})
	}
	return views, nil
}
