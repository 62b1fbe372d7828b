package config

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reugn/go-quartz/quartz"

	"snaplake/workflow"
)

var (
	viewName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	tagName  = regexp.MustCompile(`^[A-Za-z0-9 _.:/=+@-]{1,128}$`)
	// notIANA are names that Go or a machine's folder of time zones knows, and the IANA database does not.
	notIANA = regexp.MustCompile(`^(|Local|localtime|posixrules|(posix|right)/.*)$`)
)

// checker reports the mistakes that the schema cannot find. It also checks a configuration that the schema refuses, so that all mistakes
// are reported at once, and skips what has the wrong type.
type checker struct {
	doc      *document
	now      time.Time
	mistakes Mistakes
}

// validateSemantics checks a whole configuration, and reads the user's own views into its sources.
func (c *checker) validateSemantics(config workflow.Config) error {
	c.deployment()
	c.trust(config.Analysts)
	sources, _ := c.doc.value["sources"].(map[string]any)
	for name, value := range sources {
		source, ok := value.(map[string]any)
		if !ok {
			continue
		}
		c.database(name, source)
		c.schedule(name, source)
	}
	c.databases(config)
	if err := c.ownViews(config.Sources); err != nil {
		return err
	}
	for _, s := range config.Sources {
		c.views(s)
	}
	c.reads(config)
	return nil
}

// add adds a mistake at a key of a source, or at the source itself.
func (c *checker) add(text, source string, keys ...string) {
	c.addAt(text, append([]string{"sources", source}, keys...)...)
}

// addIf adds a mistake unless its text is empty.
func (c *checker) addIf(text, source string, keys ...string) {
	if text != "" {
		c.add(text, source, keys...)
	}
}

func (c *checker) addAt(text string, path ...string) {
	c.mistakes = append(c.mistakes, Mistake{File: c.doc.file, Line: c.doc.line(path...), Text: strings.Join(path, ".") + ": " + text})
}

// deployment checks the settings of the stack.
func (c *checker) deployment() {
	region, _ := c.doc.value["region"].(string)
	partition := workflow.Config{Region: region}.Partition()
	if key, ok := c.doc.value["key"].(string); ok {
		if part := strings.Split(key, ":"); len(part) == 6 && part[3] != region {
			c.addAt(fmt.Sprintf("the key is in %s, but must be in the Region of the stack, %s", part[3], region), "key")
		}
	}
	for _, path := range [][]string{{"bucket"}, {"key"}} {
		arn, _ := c.doc.value[path[0]].(string)
		if part := strings.Split(arn, ":"); len(part) == 6 && part[1] != partition {
			c.addAt(fmt.Sprintf("the ARN of a resource in %s begins with arn:%s", region, partition), path...)
		}
	}
	addresses, _ := c.doc.value["notify"].([]any)
	for i, value := range addresses {
		address, _ := value.(string)
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
			c.addAt(fmt.Sprintf("%q is not an e-mail address, for example data-team@example.com", address), "notify", fmt.Sprint(i))
		}
	}
	tags, _ := c.doc.value["tags"].(map[string]any)
	for key := range tags {
		switch {
		case !tagName.MatchString(key):
			c.addAt("a tag's name consists of 1 to 128 letters, digits, spaces and _ . : / = + @ -", "tags", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			c.addAt("AWS reserves tags that begin with aws:", "tags", key)
		}
	}
	analysts, _ := c.doc.value["analysts"].(map[string]any)
	if analysts["access"] == workflow.AccessPolicy {
		for _, key := range []string{"trusted", "external_id"} {
			if _, given := analysts[key]; given {
				c.addAt("applies only to access: role", "analysts", key)
			}
		}
	}
}

// trust checks that IAM accepts the trust policy of the analysts' role. It has at most 2,048 characters (IAM guide, "IAM and AWS STS
// quotas"), of which the rest of it needs fewer than 248.
func (c *checker) trust(a workflow.Analysts) {
	const most = 1800
	if n := len(strings.Join(a.Trusted, `","`)) + len(a.ExternalID); n > most {
		c.addAt(fmt.Sprintf("these and external_id have %d characters, but a trust policy holds %d; "+
			"trust one role that they assume, or the account", n, most), "analysts", "trusted")
	}
}

func (c *checker) database(name string, source map[string]any) {
	_, instance := source["instance"]
	_, cluster := source["cluster"]
	switch {
	case instance && cluster:
		c.add("instance and cluster are both set; give one of them", name, "instance")
	case !instance && !cluster:
		c.add("missing: cluster (Aurora) or instance (RDS), with its DB identifier", name)
	case instance && source["snapshots"] == workflow.SnapshotsLive:
		c.add("only an Aurora cluster can be exported live; set automated, manual, awsbackup or any", name, "snapshots")
	}
	if kind, ok := source["snapshots"].(string); ok && source["on_snapshot"] == true && kind != workflow.SnapshotsAutomated &&
		kind != workflow.SnapshotsAny {
		c.add("needs automated snapshots, but the source selects "+kind+" ones; remove it, or set snapshots to automated or any",
			name, "on_snapshot")
	}
	if age, ok := source["max_snapshot_age"].(string); ok {
		if d, err := time.ParseDuration(age); err == nil && d <= 0 {
			c.add("must be a positive duration, for example 26h", name, "max_snapshot_age")
		}
	}
}

func (c *checker) schedule(name string, source map[string]any) {
	if schedule, ok := source["schedule"].(string); ok {
		if err := checkCron(schedule, c.now); err != nil {
			c.add(err.Error(), name, "schedule")
		}
	}
	if zone, ok := source["time_zone"].(string); ok {
		if _, err := time.LoadLocation(zone); err != nil || notIANA.MatchString(zone) {
			c.add(fmt.Sprintf("unknown time zone %q; use a name of the IANA database, for example Asia/Tokyo or UTC", zone), name, "time_zone")
		}
	}
}

// cronFields are what EventBridge Scheduler accepts in each field. Quartz accepts more (Scheduler guide, "Schedule types",
// Cron-based schedules).
var cronFields = []struct {
	name   string
	syntax *regexp.Regexp
}{
	{"minutes", regexp.MustCompile(`^[\d*,/-]+$`)},
	{"hours", regexp.MustCompile(`^[\d*,/-]+$`)},
	{"day-of-month", regexp.MustCompile(`^(\?|L|\d+W|[\d*,/-]+)$`)},
	{"month", regexp.MustCompile(`^[\dA-Z*,/-]+$`)},
	{"day-of-week", regexp.MustCompile(`^(\?|[\dA-Z*,-]+|[\dA-Z]+#\d)$`)},
	{"year", regexp.MustCompile(`^(19[7-9]\d|20\d\d|21\d\d|[*,/-]|/\d+)+$`)},
}

// checkCron checks an expression of EventBridge Scheduler: six fields, in which one of the days is a question mark.
// Quartz has the same fields and a seventh, the seconds, before them.
func checkCron(schedule string, now time.Time) error {
	inner, isCron := strings.CutPrefix(schedule, "cron(")
	inner, isClosed := strings.CutSuffix(inner, ")")
	if !isCron || !isClosed {
		return nil // the schema has said so
	}
	const example = "for example cron(30 3 * * ? *), every day at 3:30"
	fields := strings.Fields(inner)
	if len(fields) != 6 {
		return fmt.Errorf("bad cron: it has %d fields instead of 6: minutes hours day-of-month month day-of-week year, %s", len(fields), example)
	}
	for i, f := range cronFields {
		if !f.syntax.MatchString(fields[i]) {
			return fmt.Errorf("bad cron: %s cannot be %s, %s", f.name, fields[i], example)
		}
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return fmt.Errorf("bad cron: one of day-of-month and day-of-week must be ?, %s", example)
	}
	if err := quartz.ValidateCronExpression("0 " + inner); err != nil {
		return fmt.Errorf("bad cron: %w, %s", err, example)
	}
	if !hasDay(fields, now) {
		return fmt.Errorf("bad cron: no future day matches day-of-month %s, month %s, day-of-week %s, year %s",
			fields[2], fields[3], fields[4], fields[5])
	}
	return nil
}

var monthNumbers = strings.NewReplacer("JAN", "1", "FEB", "2", "MAR", "3", "APR", "4", "MAY", "5", "JUN", "6",
	"JUL", "7", "AUG", "8", "SEP", "9", "OCT", "10", "NOV", "11", "DEC", "12")

// hasDay reports whether a future day matches a valid expression. Quartz would match 2 March for 30 February.
func hasDay(fields []string, now time.Time) bool {
	dayOfMonth, month := strings.TrimSuffix(fields[2], "W"), monthNumbers.Replace(fields[3])
	for day := now.AddDate(0, 0, -1); day.Year() <= 2199; day = day.AddDate(0, 0, 1) { // from yesterday: time zones differ
		isFifth := day.Day() > 28 || !strings.HasSuffix(fields[4], "#5")
		if isFifth && inField(dayOfMonth, day.Day(), 1) && inField(month, int(day.Month()), 1) && inField(fields[5], day.Year(), 1970) {
			return true
		}
	}
	return false
}

// inField reports whether a field matches a value. *, ? and L match all from the least on; */2 matches every second of them.
func inField(field string, value, least int) bool {
	return slices.ContainsFunc(strings.Split(field, ","), func(part string) bool {
		span, step, isStepped := strings.Cut(part, "/")
		from, to := least, value
		if n, _ := fmt.Sscanf(span, "%d-%d", &from, &to); n == 1 && !isStepped {
			to = from
		}
		every, _ := strconv.Atoi(step)
		return from <= value && value <= to && (value-from)%max(every, 1) == 0
	})
}
