package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/clock"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/s3"
)

// lakeFile is the name of a file in the folder with the buckets. It holds everything else that queries need.
const lakeFile = "lake.json"

// Saved is the part of a Cloud's state that Save writes.
type Saved struct {
	Region  string `json:"region"`
	Account string `json:"account"`
	// At is the time of the call to Save, on the Cloud's clock.
	At time.Time `json:"at"`
	// Database is the default database for queries.
	Database string `json:"database"`
	// AnalystsWorkGroup is the workgroup in which queries run.
	AnalystsWorkGroup string             `json:"analystsWorkGroup"`
	WorkGroups        []athena.WorkGroup `json:"workGroups"`
	Catalog           json.RawMessage    `json:"catalog"`
}

// Save writes the file that OpenSaved and Reopen read. dir is the folder with the buckets. database is the default database for queries.
func (c *Cloud) Save(dir, database string) error {
	catalog, err := c.Glue.Save()
	if err != nil {
		return fmt.Errorf("save the catalog: %w", err)
	}
	b, err := json.Marshal(Saved{
		Region: c.Region, Account: c.Account, At: c.clock.Now(), Database: database,
		AnalystsWorkGroup: c.AnalystsWorkGroup, WorkGroups: c.workGroups, Catalog: catalog,
	})
	if err != nil {
		return fmt.Errorf("save the data lake: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, lakeFile), b, 0o600)
}

// OpenSaved starts the services that queries need, with the data lake that Save wrote to dir. It returns the default database for
// queries. It does not apply the stack's policies.
func OpenSaved(dir string) (c *Cloud, database string, err error) {
	saved, err := readLake(dir)
	if err != nil {
		return nil, "", err
	}
	c, listener, err := listen(0)
	if err != nil {
		return nil, "", err
	}
	c.Region, c.Account, c.AnalystsWorkGroup, c.workGroups = saved.Region, saved.Account, saved.AnalystsWorkGroup, saved.WorkGroups
	if c.Store, err = s3.Open(dir, nil); err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	present := clock.NewScaled(time.Now(), 1)
	c.Glue = glue.New(glue.Options{Region: c.Region, Account: c.Account, Clock: present, Store: c.Store})
	if err := c.Glue.Load(saved.Catalog); err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	c.Athena = athena.New(athena.Options{
		Region: c.Region, Account: c.Account, Clock: present, Store: c.Store, Catalog: c.Glue, WorkGroups: c.workGroups,
	})
	c.router.services = map[string]http.Handler{"s3": c.Store, "glue": c.Glue, "athena": c.Athena}
	c.serve(listener)
	return c, saved.Database, nil
}

func readLake(dir string) (Saved, error) {
	file := filepath.Join(dir, lakeFile)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Saved{}, fmt.Errorf("no run has finished in %s yet; run \"make run\" first", dir)
	}
	if err != nil {
		return Saved{}, fmt.Errorf("open the data lake: %w", err)
	}
	var saved Saved
	if err := json.Unmarshal(b, &saved); err != nil {
		return Saved{}, fmt.Errorf("%s is damaged: %w; to create a new data lake, run \"make run\"", file, err)
	}
	if len(saved.WorkGroups) == 0 || saved.At.IsZero() {
		return Saved{}, fmt.Errorf("%s is damaged or was written by an older version; to create a new data lake, run \"make run\"", file)
	}
	return saved, nil
}
