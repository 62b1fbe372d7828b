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
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/trino"
	"snaplake/workflow"
)

// lakeFile is the name of a file in the folder with the buckets. It holds the state of the other services.
const lakeFile = "lake.json"

// format is the version number of lakeFile's format.
const format = 1

// Saved is the state of a Cloud that Save writes.
type Saved struct {
	Format  int    `json:"format"`
	Region  string `json:"region"`
	Account string `json:"account"`
	// At is the time of the call to Save, on the Cloud's clock.
	At time.Time `json:"at"`
	// Databases maps the names of sources to the addresses of their databases, without passwords.
	Databases map[string]string `json:"databases"`
	// Database is the default database for queries.
	Database string `json:"database"`
	// AnalystsWorkGroup is the workgroup in which queries run.
	AnalystsWorkGroup string             `json:"analystsWorkGroup"`
	WorkGroups        []athena.WorkGroup `json:"workGroups"`
	Glue              json.RawMessage    `json:"glue"`
	RDS               json.RawMessage    `json:"rds"`
	StepFunctions     json.RawMessage    `json:"stepFunctions"`
}

// Save writes the state of a closed Cloud to the folder with the buckets. Databases and database are the fields of [Saved].
func (c *Cloud) Save(dir string, databases map[string]string, database string) error {
	saved := Saved{
		Format: format, Region: c.Region, Account: c.Account, At: c.clock.Now(), Databases: databases, Database: database,
		AnalystsWorkGroup: c.AnalystsWorkGroup, WorkGroups: c.workGroups,
	}
	var errs [4]error
	saved.Glue, errs[0] = c.Glue.Save()
	saved.RDS, errs[1] = c.RDS.Save()
	saved.StepFunctions, errs[2] = c.StepFunctions.Save()
	b, err := json.MarshalIndent(saved, "", "  ")
	errs[3] = err
	if err := errors.Join(errs[:]...); err != nil {
		return fmt.Errorf("save the data lake: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, lakeFile), b, 0o600)
}

// ErrNoLake means that a folder has no data lake.
var ErrNoLake = errors.New("no run has finished yet")

// ReadSaved reads the state that Save wrote to dir.
func ReadSaved(dir string) (Saved, error) {
	file := filepath.Join(dir, lakeFile)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Saved{}, fmt.Errorf("%s: %w", dir, ErrNoLake)
	}
	if err != nil {
		return Saved{}, fmt.Errorf("open the data lake: %w", err)
	}
	var saved Saved
	if err := json.Unmarshal(b, &saved); err != nil {
		return Saved{}, fmt.Errorf("%s is damaged: %w", file, err)
	}
	if saved.Format != format {
		return Saved{}, fmt.Errorf("%s was written by another version of this command", file)
	}
	return saved, nil
}

// Belongs returns an error unless the state belongs to the stack.
func (s Saved) Belongs(stack *cloudformation.Stack, config workflow.Config) error {
	if s.Account == stack.Account && s.Region == stack.Region && s.AnalystsWorkGroup == config.AnalystsWorkGroup() {
		return nil
	}
	return fmt.Errorf("the data lake belongs to another stack (account %s, Region %s, workgroup %s), not to this one (%s, %s, %s)",
		s.Account, s.Region, s.AnalystsWorkGroup, stack.Account, stack.Region, config.AnalystsWorkGroup())
}

// ErrState means that the state of a data lake cannot be restored, for example because it was written by another version.
var ErrState = errors.New("the state of the data lake cannot be restored")

// load restores the state of the services after the deployment. An error does not change the databases, because RDS comes last.
func (c *Cloud) load(saved Saved) error {
	err := errors.Join(c.Glue.Load(saved.Glue), c.StepFunctions.Load(saved.StepFunctions))
	if err == nil {
		err = c.RDS.Load(saved.RDS)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	return nil
}

// OpenSaved starts the services that queries need, with the data lake in dir and without permission checks. Unless installation is nil, Trino
// runs the queries, and writes its log to the folder logs. OpenSaved returns the default database.
func OpenSaved(dir string, installation *trino.Installation, logs string) (c *Cloud, database string, err error) {
	saved, err := ReadSaved(dir)
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
	present := clock.NewScaled(saved.At, 1)
	c.Glue = glue.New(glue.Options{Region: c.Region, Account: c.Account, Clock: present, Store: c.Store})
	if err := c.Glue.Load(saved.Glue); err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	if err := c.startTrino(installation, logs); err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	c.Athena = athena.New(athena.Options{
		Region: c.Region, Account: c.Account, Clock: present, Store: c.Store, Catalog: c.Glue, WorkGroups: c.workGroups, Trino: c.trino,
	})
	c.router.athena = c.Athena
	c.router.services = map[string]http.Handler{"s3": c.Store, "glue": c.Glue, "athena": c.Athena}
	c.serve(listener)
	return c, saved.Database, nil
}
