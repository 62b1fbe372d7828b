package export

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Finished is an export that lies in a folder, as RDS left it.
type Finished struct {
	dir string
	// files are slash-separated names below dir, in the order in which RDS writes them: tables, then export_tables_info,
	// then export_info.
	files    []string
	bytes    int64
	postgres bool
	warnings warnings
}

// Open reads and checks the export in dir, the folder that holds its export_info file. An error names the file at fault.
func Open(dir string) (*Finished, error) {
	f := &Finished{dir: dir}
	info, err := f.findInfo()
	if err != nil {
		return nil, err
	}
	tables, err := filepath.Glob(filepath.Join(escape(dir), "export_tables_info_*.json"))
	if err != nil {
		return nil, err
	}
	if len(tables) == 0 {
		return nil, fmt.Errorf("the export in %s has no export_tables_info_*.json; copy the whole export", dir)
	}
	for _, path := range tables {
		if err := f.readTables(path); err != nil {
			return nil, err
		}
	}
	if err := filepath.WalkDir(dir, f.visit); err != nil {
		return nil, err
	}
	for _, path := range append(tables, info) {
		f.files = append(f.files, filepath.Base(path))
	}
	return f, nil
}

// Postgres tells whether the export is of a PostgreSQL database.
func (f *Finished) Postgres() bool { return f.postgres }

// Copy hands over the export's files under their own names, whatever the names of a task that asks for them.
// dir is a folder for files on their way to put.
func (f *Finished) Copy(ctx context.Context, dir string, put Put) (Result, error) {
	for _, name := range f.files {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		// put may move its file away, and the original stays where it is.
		copied := filepath.Join(dir, "file")
		if err := copyFile(copied, filepath.Join(f.dir, filepath.FromSlash(name))); err != nil {
			return Result{}, fmt.Errorf("replay the export in %s: %w", f.dir, err)
		}
		if err := put(name, copied); err != nil {
			return Result{}, fmt.Errorf("replay the export in %s: %w", f.dir, err)
		}
	}
	return Result{Bytes: f.bytes, WarningMessage: f.warnings.String()}, nil
}

// findInfo returns the path of the export_info file, which has to say COMPLETE.
func (f *Finished) findInfo() (string, error) {
	if stat, err := os.Stat(f.dir); err != nil {
		return "", fmt.Errorf("open the export: %w", err)
	} else if !stat.IsDir() {
		return "", fmt.Errorf("%s is a file; name the folder that holds an export's export_info_*.json", f.dir)
	}
	found, err := filepath.Glob(filepath.Join(escape(f.dir), "export_info_*.json"))
	if err != nil {
		return "", err
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("%s is no RDS export: it has no export_info_*.json; name the folder that is called like the export task", f.dir)
	case 1:
	default:
		return "", fmt.Errorf("%s holds %d export_info_*.json files; name the folder of one export", f.dir, len(found))
	}
	var info struct {
		Status string `json:"status"`
	}
	if err := readJSON(found[0], &info); err != nil {
		return "", err
	}
	if info.Status != statusComplete {
		return "", fmt.Errorf("%s: the export's status is %q; only a COMPLETE export can be replayed", found[0], info.Status)
	}
	return found[0], nil
}

// readTables takes from one export_tables_info file what is needed here. Nothing else of it matters: the times have several
// forms, and a number may be a string.
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
	// Words of PostgreSQL's information_schema that neither MySQL nor MariaDB has for a type.
	words := []string{"character varying", "character", "timestamp with time zone", "timestamp without time zone",
		"time with time zone", "time without time zone", "integer", "boolean", "numeric", "real", "double precision",
		"bytea", "jsonb", "ARRAY", "USER-DEFINED", "name", "oid", "interval", "money", "xml", "inet", "tsvector"}
	for _, t := range manifest.PerTableStatus {
		// A note about a complete table, or about a whole database, stands in the manifests only.
		if t.WarningMessage != "" && t.Status != statusComplete && strings.Contains(t.Target, ".") {
			f.warnings.SkippedTables = append(f.warnings.SkippedTables, skipped{t.Target, t.WarningMessage})
		}
		for _, m := range t.SchemaMetadata.OriginalTypeMappings {
			f.postgres = f.postgres || slices.Contains(words, m.OriginalType)
		}
	}
	return nil
}

// visit notes a Parquet file or a _SUCCESS, and leaves out whatever else lies in the folder.
func (f *Finished) visit(path string, entry fs.DirEntry, err error) error {
	if err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	isParquet := strings.HasSuffix(entry.Name(), ".parquet")
	if entry.IsDir() || !isParquet && entry.Name() != "_SUCCESS" {
		return nil
	}
	if isParquet {
		size, err := checkParquet(path)
		if err != nil {
			return fmt.Errorf("%s is no whole Parquet file: %w; copy it again", path, err)
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

// A Parquet file begins and ends with magic. Before its end stands the length of its footer, in four bytes.
const (
	magic      = "PAR1"
	footerTail = 4 + len(magic)
)

// checkParquet looks at a file's two ends, which one that was cut short does not have. It does not read the footer: a damaged one
// makes parquet-go ask for more memory than there is, and the crawler will tell what is wrong with it.
func checkParquet(path string) (size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	size = info.Size()
	room := size - int64(len(magic)+footerTail)
	if room < 0 {
		return 0, fmt.Errorf("it has only %d bytes", size)
	}
	head, tail := make([]byte, len(magic)), make([]byte, footerTail)
	if _, err := file.ReadAt(head, 0); err != nil {
		return 0, err
	}
	if _, err := file.ReadAt(tail, size-int64(footerTail)); err != nil {
		return 0, err
	}
	if begin, end := string(head), string(tail[4:]); begin != magic || end != magic {
		return 0, fmt.Errorf("it begins with %q and ends with %q, and should with %s", begin, end, magic)
	}
	if length := int64(binary.LittleEndian.Uint32(tail)); length > room {
		return 0, fmt.Errorf("its footer should have %d bytes, and there is room for %d", length, room)
	}
	return size, nil
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read a manifest: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s is no manifest of RDS: %w; copy it again", path, err)
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

// escape makes a path mean itself in a pattern of filepath.Glob.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
