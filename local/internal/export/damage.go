package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Damaged is a snapshot whose export goes wrong.
type Damaged struct {
	Snapshot
	// Damage is nil when all goes well.
	Damage Damage
}

// Damage takes an export's files, in the order in which RDS writes them, and returns those that get into the bucket. It may change
// what they hold, and the result.
type Damage func(files []File, r *Result) ([]File, error)

// File is a file on its way to Put.
type File struct {
	// Name is that below the export's folder.
	Name string
	// Path is where its content lies.
	Path string
}

// Export keeps the files in the task's folder until all are there, and then puts what the damage leaves.
func (d Damaged) Export(ctx context.Context, task Task, put Put) (Result, error) {
	if d.Damage == nil {
		return d.Snapshot.Export(ctx, task, put)
	}
	var files []File
	result, err := d.Snapshot.Export(ctx, task, func(name, file string) error {
		kept := filepath.Join(task.Dir, fmt.Sprintf("kept-%d", len(files)))
		files = append(files, File{name, kept})
		return os.Rename(file, kept)
	})
	if err != nil {
		return Result{}, err
	}
	if files, err = d.Damage(files, &result); err != nil {
		return Result{}, fmt.Errorf("damage export %s: %w", task.ID, err)
	}
	for _, f := range files {
		if err := put(f.Name, f.Path); err != nil {
			return Result{}, err
		}
	}
	return result, nil
}

// Nothing is left of an export that ended before it began.
func Nothing([]File, *Result) ([]File, error) { return nil, nil }

// FirstTable is left of an export that broke off among its tables.
func FirstTable(files []File, _ *Result) ([]File, error) {
	if len(files) == 0 {
		return nil, nil
	}
	first := tableFolder(files[0].Name)
	return slices.DeleteFunc(files, func(f File) bool { return isManifest(f.Name) || tableFolder(f.Name) != first }), nil
}

// Tables are left of an export whose manifests could not be written.
func Tables(files []File, _ *Result) ([]File, error) {
	return slices.DeleteFunc(files, func(f File) bool { return isManifest(f.Name) }), nil
}

// LoseTableManifests leaves export_info without any export_tables_info.
func LoseTableManifests(files []File, _ *Result) ([]File, error) {
	return slices.DeleteFunc(files, func(f File) bool { return isTableManifest(f.Name) }), nil
}

// CutTableManifest ends the first export_tables_info in its middle.
func CutTableManifest(files []File, _ *Result) ([]File, error) {
	i := slices.IndexFunc(files, func(f File) bool { return isTableManifest(f.Name) })
	if i < 0 {
		return nil, errors.New("there is no export_tables_info to cut")
	}
	info, err := os.Stat(files[i].Path)
	if err != nil {
		return nil, err
	}
	return files, os.Truncate(files[i].Path, info.Size()/2)
}

// LoseParts leaves the last table that has rows with nothing but its _SUCCESS.
func LoseParts(files []File, _ *Result) ([]File, error) {
	folder, err := lastWithRows(files)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(files, func(f File) bool { return tableFolder(f.Name) == folder && isPart(f.Name) }), nil
}

// SkipTable leaves the last table that has rows out, and says so in its manifest and in the result. The reason is the only one
// that AWS documents for a table (RDS guide, "Troubleshooting PostgreSQL permissions errors").
func SkipTable(files []File, r *Result) ([]File, error) {
	const reason = "PERMISSIONS_DO_NOT_EXIST"
	folder, err := lastWithRows(files)
	if err != nil {
		return nil, err
	}
	var said warnings
	if r.WarningMessage != "" {
		if err := json.Unmarshal([]byte(r.WarningMessage), &said); err != nil {
			return nil, fmt.Errorf("read the warnings: %w", err)
		}
	}
	target := ""
	for _, f := range files {
		if !isTableManifest(f.Name) || target != "" {
			continue
		}
		if target, err = skipIn(f.Path, folder, reason); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if target == "" {
		return nil, fmt.Errorf("no manifest names the table whose folder is %s", folder)
	}
	said.SkippedTables = append(said.SkippedTables, skipped{target, reason})
	r.WarningMessage = said.String()
	return slices.DeleteFunc(files, func(f File) bool { return tableFolder(f.Name) == folder }), nil
}

// skipIn rewrites the manifest at path so that it leaves the table of a folder out, and returns that table's target. It is "" when
// the table is not in this manifest, which then stays as it is.
func skipIn(path, folder, reason string) (target string, err error) {
	var manifest struct {
		PerTableStatus []json.RawMessage `json:"perTableStatus"`
	}
	if err := readJSON(path, &manifest); err != nil {
		return "", err
	}
	for i, entry := range manifest.PerTableStatus {
		var table struct {
			Target string `json:"target"`
		}
		if err := json.Unmarshal(entry, &table); err != nil {
			return "", err
		}
		if targetFolder(table.Target) != folder {
			continue
		}
		if manifest.PerTableStatus[i], err = json.Marshal(tableStatus{Target: table.Target, WarningMessage: reason}); err != nil {
			return "", err
		}
		b, err := json.MarshalIndent(manifest, "", "  ")
		if err != nil {
			return "", err
		}
		return table.Target, os.WriteFile(path, append(b, '\n'), 0o600)
	}
	return "", nil
}

// lastWithRows is the folder of the last table that has a part file.
func lastWithRows(files []File) (folder string, err error) {
	for _, f := range slices.Backward(files) {
		if isPart(f.Name) {
			return tableFolder(f.Name), nil
		}
	}
	return "", errors.New("there is no table that has rows")
}

// tableFolder is DATABASE/SCHEMA.TABLE of a table's file, and the name itself of a manifest.
func tableFolder(name string) string {
	database, rest, found := strings.Cut(name, "/")
	if !found {
		return name
	}
	table, _, _ := strings.Cut(rest, "/")
	return database + "/" + table
}

// targetFolder is the folder of a target of the manifests, DATABASE.SCHEMA.TABLE.
func targetFolder(target string) string {
	return pathName(strings.Replace(target, ".", "/", 1))
}

func isPart(name string) bool { return strings.HasSuffix(name, ".parquet") }

// isManifest tells whether a file lies in the export's own folder, where nothing else does.
func isManifest(name string) bool { return !strings.Contains(name, "/") }

func isTableManifest(name string) bool { return strings.HasPrefix(name, "export_tables_info_") }
