package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The layer contains the configuration for the functions: pipeline.json and views/SOURCE/NAME.sql.
const layerConfig = "pipeline.json"

// WriteLayer writes the layer's files into dir, which it creates.
func WriteLayer(dir string, c Config) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, layerConfig), b, 0o644); err != nil {
		return err
	}
	for _, s := range c.Sources {
		for _, v := range s.Views {
			file := filepath.Join(dir, viewFile(s.Name, v.Name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(file, []byte(v.SQL+"\n"), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// ReadLayer reads what WriteLayer wrote. In a function, dir is /opt.
func ReadLayer(dir fs.FS) (Config, error) {
	var c Config
	b, err := fs.ReadFile(dir, layerConfig)
	if err != nil {
		return c, fmt.Errorf("read the configuration layer: %w", err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read the configuration layer: %s: %w", layerConfig, PlainJSON(err))
	}
	for i := range c.Sources {
		if c.Sources[i].Views, err = ReadViews(dir, c.Sources[i].Name); err != nil {
			return c, err
		}
	}
	return c, nil
}

func viewFile(source, name string) string { return path.Join("views", source, name+".sql") }

// IsEditorFile reports whether a file is a lock, a backup or the like, left by an editor or file manager.
func IsEditorFile(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasPrefix(name, "~$") ||
		strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".swp")
}

// ReadViews reads views/SOURCE/*.sql, in the order of their names. There may be none.
func ReadViews(dir fs.FS, source string) ([]View, error) {
	entries, err := fs.ReadDir(dir, path.Join("views", source))
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
		file := viewFile(source, name)
		b, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, fmt.Errorf("read a view of source %q: %w", source, err)
		}
		views = append(views, View{Name: name, SQL: trimQuery(string(b)), File: file})
	}
	slices.SortFunc(views, func(a, b View) int { return strings.Compare(a.Name, b.Name) })
	return views, nil
}
