// Command leftovers says before make destroy what stays behind, and how to remove that by hand. It asks nobody but the
// configuration, and stops what CloudFormation would refuse.
package main

import (
	"fmt"
	"io"
	"os"

	"snaplake/workflow"
	"snaplake/workflow/config"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: leftovers CONFIG")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string, out io.Writer) error {
	config, err := config.Load(file)
	if err != nil {
		return err
	}
	if config.TerminationProtection {
		return fmt.Errorf("%s: the stack %s is protected: set termination_protection: false, make deploy CONFIG=%[1]s, then destroy it", file, config.Name)
	}
	write(out, config)
	return nil
}

func write(out io.Writer, config workflow.Config) {
	fmt.Fprintf(out, "The stack %s of account %s in %s goes, with its views and its crawled tables. What stays:\n", config.Name, config.Account, config.Region)
	if config.Bucket == "" {
		writeBucket(out, config.RetainData)
	} else {
		fmt.Fprintf(out, "- the bucket %s, which is not the stack's own, with %s and %s in it\n", config.Bucket, workflow.ExportsPrefix, workflow.ResultsPrefix)
	}
	if config.Key == "" {
		writeKey(out, config.RetainData)
	} else {
		fmt.Fprintf(out, "- the key %s, which is not the stack's own\n", config.Key)
	}
	// Glue makes the group with the first crawl of an account. It is nobody's: other crawlers log there too.
	fmt.Fprintf(out, "- the log group /aws-glue/crawlers, where all crawlers of the account log\n")
	fmt.Fprintf(out, "- snapshots and databases: none of them is the stack's\n")
}

func writeBucket(out io.Writer, retain bool) {
	if retain {
		fmt.Fprint(out, `- the bucket with all exports. Note its name, the stack's output Bucket; to remove it:
    aws s3 rm s3://BUCKET --recursive && aws s3api delete-bucket --bucket BUCKET
`)
		return
	}
	fmt.Fprint(out, `- nothing of the bucket (retain_data: false), but S3 deletes it only when it is empty. Before you say yes:
    aws s3 rm s3://BUCKET --recursive
`)
}

func writeKey(out io.Writer, retain bool) {
	if retain {
		fmt.Fprint(out, `- the key, without which nothing in the bucket can be read. Note its ARN, the stack's output Key; to remove it, after the bucket:
    aws kms schedule-key-deletion --key-id KEY
`)
		return
	}
	// KMS's default, which CDK leaves as it is (AWS::KMS::Key, PendingWindowInDays).
	fmt.Fprint(out, "- the key for 30 days, in which its deletion can be canceled\n")
}
