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
	// notIANA matches time zones that Go or the operating system knows but the IANA database does not contain.
	notIANA = regexp.MustCompile(`^(|Local|localtime|posixrules|(posix|right)/.*)$`)
)

// checker reports the mistakes that the schema cannot find. It also checks a configuration that violates the schema, so that all mistakes
// are reported at once.
type checker struct {
	doc      *document
	now      time.Time
	mistakes Mistakes
}

// check validates the whole configuration, and reads the user-defined views into its sources.
func (c *checker) check(config workflow.Config) error {
	c.stack(config)
	c.checkTrust(config.Analysts)
	databases := map[string]string{} // maps each database to its source
	for _, s := range config.Sources {
		c.source(s)
		database := s.Database()
		other, taken := databases[database]
		switch {
		case slices.Contains([]string{config.CrawledDatabase(), "default", "information_schema"}, database):
			c.add(database+" is reserved; choose another name", s.Name, "database")
		case taken:
			c.add(fmt.Sprintf("source %q also uses database %s; set a different database for one of the two", other, database), s.Name, "database")
		}
		databases[database] = s.Name
	}
	if err := c.userViews(config.Sources); err != nil {
		return err
	}
	for _, s := range config.Sources {
		c.checkViews(s)
	}
	c.checkReads(config)
	return nil
}

// add records a mistake in a key of a source, or in the source itself. It does nothing if the message is empty.
func (c *checker) add(text, source string, keys ...string) {
	if text != "" {
		c.addAt(text, append([]string{"sources", source}, keys...)...)
	}
}

func (c *checker) addAt(text string, path ...string) {
	c.mistakes = append(c.mistakes, c.doc.mistake(text, path...))
}

func (c *checker) stack(config workflow.Config) {
	for key, arn := range map[string]string{"bucket": config.Bucket, "key": config.Key} {
		part := strings.Split(arn, ":")
		if len(part) != 6 || config.Region == "" {
			continue // empty, or rejected by the schema
		}
		if partition := config.Partition(); part[1] != partition {
			c.addAt(fmt.Sprintf("must begin with arn:%s:, because the stack is in Region %s", partition, config.Region), key)
		}
		if key == "key" && part[3] != config.Region {
			c.addAt(fmt.Sprintf("the key is in %s, but it must be in the stack's Region, %s", part[3], config.Region), key)
		}
	}
	for i, address := range config.Notify {
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
			c.addAt(fmt.Sprintf("%q is not a plain email address such as data-team@example.com", address), "notify", fmt.Sprint(i))
		}
	}
	for key := range config.Tags {
		switch {
		case !tagName.MatchString(key):
			c.addAt("a tag name must consist of 1 to 128 letters, digits, spaces and the characters _ . : / = + @ -", "tags", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			c.addAt("AWS reserves tag names that begin with aws:", "tags", key)
		}
	}
	analysts, _ := c.doc.valueAt("analysts").(map[string]any)
	for _, key := range []string{"trusted", "external_id"} {
		if _, given := analysts[key]; given && config.Analysts.Access == workflow.AccessPolicy {
			c.addAt("applies only if \"access\" is \"role\"", "analysts", key)
		}
	}
}

// checkTrust checks that the trust policy of the analysts' role has at most 2,048 characters (IAM guide, "IAM and AWS STS quotas"). Without
// the ARNs and the external ID, the policy has fewer than 248 characters.
func (c *checker) checkTrust(a workflow.Analysts) {
	const most = 1800
	if n := len(strings.Join(a.Trusted, `","`)) + len(a.ExternalID); n > most {
		c.addAt(fmt.Sprintf("the ARNs and external_id have %d characters in total, but the limit is %d; "+
			"trust one role that the others can assume, or the whole account", n, most), "analysts", "trusted")
	}
}

func (c *checker) source(s workflow.Source) {
	given, ok := c.doc.valueAt("sources", s.Name).(map[string]any)
	if !ok {
		return // rejected by the schema
	}
	_, instance := given["instance"]
	_, cluster := given["cluster"]
	switch {
	case instance && cluster:
		c.add("\"instance\" and \"cluster\" are both set; remove one of them", s.Name, "instance")
	case !instance && !cluster:
		c.add("\"cluster\" (for Aurora) or \"instance\" (for RDS) is missing; set it to the DB identifier", s.Name)
	case instance && s.Snapshots == workflow.SnapshotsLive:
		c.add("only an Aurora cluster can be exported live; use \"automated\", \"manual\", \"awsbackup\" or \"any\"", s.Name, "snapshots")
	}
	if s.OnSnapshot && s.Snapshots != workflow.SnapshotsAutomated && s.Snapshots != workflow.SnapshotsAny {
		c.add(fmt.Sprintf("needs automated snapshots, but \"snapshots\" is %q; remove on_snapshot, "+
			"or set \"snapshots\" to \"automated\" or \"any\"", s.Snapshots), s.Name, "on_snapshot")
	}
	if s.MaxSnapshotAge <= 0 {
		c.add("must be a positive duration, for example 26h", s.Name, "max_snapshot_age")
	}
	if s.Schedule != "" {
		c.add(checkCron(s.Schedule, c.now), s.Name, "schedule")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || notIANA.MatchString(s.TimeZone) {
		c.add(fmt.Sprintf("unknown time zone %q; use a name in the IANA database, for example Asia/Tokyo or UTC", s.TimeZone),
			s.Name, "time_zone")
	}
}

// cronSyntax matches the syntax that EventBridge Scheduler accepts in each field (Scheduler guide, "Schedule types", section "Cron-based
// schedules"). The Quartz library also accepts other syntax.
var cronSyntax = regexp.MustCompile(`^cron\(\s*([\d*,/-]+\s+[\d*,/-]+` + // minutes and hours
	`\s+(\?|L|\d+W|[\d*,/-]+)\s+([\dA-Z*,/-]+)` + // day of month and month
	`\s+(\?|[\dA-Z*,-]+|[\dA-Z]+#\d)` + // day of week
	`\s+((?:19[7-9]\d|20\d\d|21\d\d|[*,/-]|/\d+)+))\s*\)$`) // year

// checkCron returns the reason why a schedule is invalid, or "" if it is valid.
func checkCron(schedule string, now time.Time) string {
	m := cronSyntax.FindStringSubmatch(schedule)
	if m == nil || (m[2] == "?") == (m[4] == "?") {
		return "must be cron(minutes hours day-of-month month day-of-week year), where day-of-month or day-of-week is ?, " +
			"for example cron(30 3 * * ? *) for every day at 3:30"
	}
	if err := quartz.ValidateCronExpression("0 " + m[1]); err != nil { // Quartz expressions begin with the seconds
		return fmt.Sprintf("is not a valid schedule: %v", err)
	}
	if !hasDay(m[2], m[3], m[4], m[5], now) {
		return "matches no day in the future"
	}
	return ""
}

var monthNumbers = strings.NewReplacer("JAN", "1", "FEB", "2", "MAR", "3", "APR", "4", "MAY", "5", "JUN", "6",
	"JUL", "7", "AUG", "8", "SEP", "9", "OCT", "10", "NOV", "11", "DEC", "12")

// hasDay reports whether a schedule matches a day in the future. Quartz does not check this, because it reads 30 February as 2 March.
func hasDay(dayOfMonth, month, dayOfWeek, year string, now time.Time) bool {
	dayOfMonth, month = strings.TrimSuffix(dayOfMonth, "W"), monthNumbers.Replace(month)
	for day := now.AddDate(0, 0, -1); day.Year() <= 2199; day = day.AddDate(0, 0, 1) { // start yesterday, because time zones differ
		isFifth := day.Day() > 28 || !strings.HasSuffix(dayOfWeek, "#5")
		if isFifth && inField(dayOfMonth, day.Day(), 1) && inField(month, int(day.Month()), 1) && inField(year, day.Year(), 1970) {
			return true
		}
	}
	return false
}

// inField reports whether a field matches a value. The characters *, ? and L match every value. A step such as */2 begins at the minimum.
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
