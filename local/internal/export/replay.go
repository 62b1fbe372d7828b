package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Finished is a finished RDS export in a local folder. It stands in for a [Database]: each of its snapshots is the same export.
type Finished struct {
	dir string
	// files lists the files in the order in which RDS writes them: tables, then manifests. Paths are slash-separated and relative to dir.
	files    []string
	bytes    int64
	postgres bool
	tables   []string
	warnings warnings
}

// Open reads and checks the export in dir, the folder that contains its export_info file. Each error names the faulty file or folder.
func Open(dir string) (*Finished, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return nil, fmt.Errorf("open the export: %w", err)
	}
	files := os.DirFS(dir)
	tables, _ := fs.Glob(files, "export_tables_info_*.json") // fails only for an invalid pattern
	infos, _ := fs.Glob(files, "export_info_*.json")
	if len(infos) != 1 {
		return nil, fmt.Errorf("%s has %d export_info_*.json files; specify the folder of a single export", dir, len(infos))
	}
	if len(tables) == 0 {
		return nil, fmt.Errorf("%s has no export_tables_info_*.json file; copy the whole export", dir)
	}
	f := &Finished{dir: dir}
	if err := f.checkInfo(filepath.Join(dir, infos[0])); err != nil {
		return nil, err
	}
	for _, name := range tables {
		if err := f.readTables(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	if err := filepath.WalkDir(dir, f.visit); err != nil {
		return nil, err
	}
	f.files = append(append(f.files, tables...), infos...)
	return f, nil
}

// Engine returns "mysql" or "postgres", depending on the types in the manifests. The version is empty, since an export does not contain it.
func (f *Finished) Engine() (name, version string) {
	if f.postgres {
		return "postgres", ""
	}
	return "mysql", ""
}

// Tables returns the names of the exported and skipped tables, in the order of the manifests. It implements [Listed].
func (f *Finished) Tables() []string { return f.tables }

// Snapshot returns the export itself.
func (f *Finished) Snapshot(context.Context) (Snapshot, error) { return f, nil }

// Repeat returns the export itself.
func (f *Finished) Repeat(int) Snapshot { return f }

// Skip does nothing, because all snapshots are equal.
func (f *Finished) Skip(int) {}

// Close does nothing, because no file is open.
func (f *Finished) Close() error { return nil }

// Export puts the export's files into the bucket under their original names. It ignores ExportOnly.
func (f *Finished) Export(ctx context.Context, task Task, put Put) (Result, error) {
	for _, name := range f.files {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		// The function put may move the file that it receives, so it receives a copy.
		copied := filepath.Join(task.Dir, "file")
		content, err := os.ReadFile(filepath.Join(f.dir, filepath.FromSlash(name)))
		if err == nil {
			err = os.WriteFile(copied, content, 0o600)
		}
		if err == nil {
			err = put(name, copied)
		}
		if err != nil {
			return Result{}, fmt.Errorf("replay the export in %s: %w", f.dir, err)
		}
	}
	return Result{Bytes: f.bytes, WarningMessage: f.warnings.String()}, nil
}

// checkInfo checks that the status in export_info is COMPLETE.
func (f *Finished) checkInfo(path string) error {
	var info struct {
		Status string `json:"status"`
	}
	if err := readJSON(path, &info); err != nil {
		return err
	}
	if info.Status != statusComplete {
		return fmt.Errorf("%s: the status of the export is %q; only a COMPLETE export can be replayed", path, info.Status)
	}
	return nil
}

// readTables reads the fields that a replay needs from an export_tables_info file.
func (f *Finished) readTables(path string) error {
	var manifest struct {
		PerTableStatus []struct {
			Target         string `json:"target"`
			Status         string `json:"status"`
			WarningMessage string `json:"warningMessage"`
			SchemaMetadata struct {
				OriginalTypeMappings []struct {
					OriginalType string `json:"originalType"`
				} `json:"originalTypeMappings"`
			} `json:"schemaMetadata"`
		} `json:"perTableStatus"`
	}
	if err := readJSON(path, &manifest); err != nil {
		return err
	}
	// These type names occur in PostgreSQL's information_schema, but not in MySQL's or MariaDB's.
	names := []string{"character varying", "character", "timestamp with time zone", "timestamp without time zone",
		"time with time zone", "time without time zone", "integer", "boolean", "numeric", "real", "double precision",
		"bytea", "jsonb", "ARRAY", "USER-DEFINED", "name", "oid", "interval", "money", "xml", "inet", "tsvector"}
	for _, t := range manifest.PerTableStatus {
		f.tables = append(f.tables, t.Target)
		// A task's WarningMessage lists neither databases nor tables that have the status COMPLETE.
		if t.WarningMessage != "" && t.Status != statusComplete && strings.Contains(t.Target, ".") {
			f.warnings.SkippedTables = append(f.warnings.SkippedTables, skipped{t.Target, t.WarningMessage})
		}
		for _, m := range t.SchemaMetadata.OriginalTypeMappings {
			f.postgres = f.postgres || slices.Contains(names, m.OriginalType)
		}
	}
	return nil
}

// visit adds the file at path to the export if it is a Parquet file or a _SUCCESS file.
func (f *Finished) visit(path string, entry fs.DirEntry, err error) error {
	if err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	if entry.IsDir() || !isPart(entry.Name()) && entry.Name() != "_SUCCESS" {
		return nil
	}
	if isPart(entry.Name()) {
		size, err := checkParquet(path)
		if err != nil {
			return fmt.Errorf("%s is not a complete Parquet file: %w; copy the file again", path, err)
		}
		f.bytes += size
	}
	name, err := filepath.Rel(f.dir, path)
	if err != nil {
		return err
	}
	f.files = append(f.files, filepath.ToSlash(name))
	return nil
}

// checkParquet checks that a file begins and ends with the magic number, to detect truncated files. The crawler checks the footer later.
func checkParquet(path string) (size int64, err error) {
	const magic = "PAR1"
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	for _, at := range []int64{0, max(info.Size()-int64(len(magic)), 0)} {
		found := make([]byte, len(magic))
		if n, _ := file.ReadAt(found, at); string(found) != magic {
			return 0, fmt.Errorf("it has %q at offset %d, not %s", found[:n], at, magic)
		}
	}
	return info.Size(), nil
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read a manifest: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s is not an RDS manifest: %w; copy the file again", path, err)
	}
	return nil
}
