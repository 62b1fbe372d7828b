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

// Damage receives the files of an export in the order in which RDS writes them, and returns the files to put into the bucket.
type Damage func(files []File, r *Result) ([]File, error)

// File is a file to put into the bucket.
type File struct {
	// Name is the path in the bucket, relative to the export's folder.
	Name string
	// Path is the path of the local file.
	Path string
}

// Damaged collects the export's files in the task's Dir, applies damage, and puts the resulting files into the bucket. If damage is nil,
// it only exports.
func Damaged(ctx context.Context, snapshot Snapshot, damage Damage, task Task, put Put) (Result, error) {
	if damage == nil {
		return snapshot.Export(ctx, task, put)
	}
	var files []File
	result, err := snapshot.Export(ctx, task, func(name, file string) error {
		kept := filepath.Join(task.Dir, fmt.Sprintf("kept-%d", len(files)))
		files = append(files, File{name, kept})
		return os.Rename(file, kept)
	})
	if err != nil {
		return Result{}, err
	}
	if files, err = damage(files, &result); err != nil {
		return Result{}, fmt.Errorf("damage export %s: %w", task.ID, err)
	}
	for _, f := range files {
		if err := put(f.Name, f.Path); err != nil {
			return Result{}, err
		}
	}
	return result, nil
}

// The function Nothing removes all files, as if the export had failed before it wrote any of them.
func Nothing([]File, *Result) ([]File, error) { return nil, nil }

// FirstTable returns only the files of the first table, as if the export had failed at the second table.
func FirstTable(files []File, _ *Result) ([]File, error) {
	first := tableFolder(files[0].Name)
	return slices.DeleteFunc(files, func(f File) bool { return isManifest(f.Name) || tableFolder(f.Name) != first }), nil
}

// Tables returns all files except the manifests, as if RDS could not write the manifests.
func Tables(files []File, _ *Result) ([]File, error) {
	return slices.DeleteFunc(files, func(f File) bool { return isManifest(f.Name) }), nil
}

// LoseTableManifests removes all export_tables_info files.
func LoseTableManifests(files []File, _ *Result) ([]File, error) {
	return slices.DeleteFunc(files, func(f File) bool { return isTableManifest(f.Name) }), nil
}

// CutTableManifest truncates the first export_tables_info file.
func CutTableManifest(files []File, _ *Result) ([]File, error) {
	i := slices.IndexFunc(files, func(f File) bool { return isTableManifest(f.Name) })
	if i < 0 {
		return nil, errors.New("no export_tables_info file to truncate")
	}
	info, err := os.Stat(files[i].Path)
	if err != nil {
		return nil, err
	}
	return files, os.Truncate(files[i].Path, info.Size()/2)
}

// LoseParts removes the part files of the last table with rows, but keeps its _SUCCESS file.
func LoseParts(files []File, _ *Result) ([]File, error) {
	folder, err := lastWithRows(files)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(files, func(f File) bool { return tableFolder(f.Name) == folder && isPart(f.Name) }), nil
}

// SkipTable removes the files of the last table with rows, and reports the table as skipped in the manifest and in the result. The reason
// is the only one that AWS documents for a skipped table (RDS guide, "Troubleshooting PostgreSQL permissions errors").
func SkipTable(files []File, r *Result) ([]File, error) {
	const reason = "PERMISSIONS_DO_NOT_EXIST"
	folder, err := lastWithRows(files)
	if err != nil {
		return nil, err
	}
	var reported warnings
	if r.WarningMessage != "" {
		if err := json.Unmarshal([]byte(r.WarningMessage), &reported); err != nil {
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
		return nil, fmt.Errorf("no manifest lists the table in folder %s", folder)
	}
	reported.SkippedTables = append(reported.SkippedTables, skipped{target, reason})
	r.WarningMessage = reported.String()
	return slices.DeleteFunc(files, func(f File) bool { return tableFolder(f.Name) == folder }), nil
}

// skipIn makes the manifest at path report a skipped table. It returns the table's name, or "" if the manifest does not list it.
func skipIn(path, folder, reason string) (target string, err error) {
	var manifest struct {
		PerTableStatus []map[string]any `json:"perTableStatus"`
	}
	if err := readJSON(path, &manifest); err != nil {
		return "", err
	}
	i := slices.IndexFunc(manifest.PerTableStatus, func(table map[string]any) bool {
		return targetFolder(fmt.Sprint(table["target"])) == folder
	})
	if i < 0 {
		return "", nil
	}
	target = fmt.Sprint(manifest.PerTableStatus[i]["target"])
	manifest.PerTableStatus[i] = map[string]any{"target": target, "warningMessage": reason}
	b, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return "", err
	}
	return target, os.WriteFile(path, b, 0o600)
}

// lastWithRows returns the folder of the last table that has rows, and therefore part files.
func lastWithRows(files []File) (folder string, err error) {
	for _, f := range slices.Backward(files) {
		if isPart(f.Name) {
			return tableFolder(f.Name), nil
		}
	}
	return "", errors.New("no table has rows")
}

// tableFolder returns the folder of a file's table, DATABASE/SCHEMA.TABLE. For a manifest, it returns the file's name.
func tableFolder(name string) string {
	database, rest, found := strings.Cut(name, "/")
	if !found {
		return name
	}
	table, _, _ := strings.Cut(rest, "/")
	return database + "/" + table
}

// targetFolder returns a table's folder. The parameter target is the table's name in the manifests, DATABASE.SCHEMA.TABLE.
func targetFolder(target string) string {
	return pathName(strings.Replace(target, ".", "/", 1))
}

func isPart(name string) bool { return strings.HasSuffix(name, ".parquet") }

// isManifest reports whether a file is a manifest. The manifests are the only files directly in the export's folder.
func isManifest(name string) bool { return !strings.Contains(name, "/") }

func isTableManifest(name string) bool { return strings.HasPrefix(name, "export_tables_info_") }
