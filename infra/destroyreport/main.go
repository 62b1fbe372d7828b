// Command destroyreport lists the resources that remain after the command "make destroy", and describes how to delete them. It reads the
// configuration and makes no AWS calls. It fails if termination protection is on.
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
		fmt.Fprintln(os.Stderr, "usage: destroyreport CONFIG")
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
		return fmt.Errorf("%s: the stack %s has termination protection; set termination_protection: false, run make deploy CONFIG=%[1]s, "+
			"then run make destroy CONFIG=%[1]s again", file, config.Name)
	}
	// Glue creates the log group during the first crawl in an account.
	fmt.Fprintf(out, "The stack %s of account %s in %s will be deleted, with its views and crawled tables. These remain:\n%s%s"+
		"- the log group /aws-glue/crawlers, which all crawlers in the account share\n"+
		"- the source databases and their snapshots\n", config.Name, config.Account, config.Region, bucket(config), key(config))
	return nil
}

func bucket(config workflow.Config) string {
	switch {
	case config.Bucket != "":
		return fmt.Sprintf("- the bucket %s, which is not part of the stack, with the objects under exports/ and athena/\n", config.Bucket)
	case config.RetainData:
		return `- the bucket with all exports. Note its name, the stack's output Bucket. To delete the bucket later:
    aws s3 rm s3://BUCKET --recursive && aws s3api delete-bucket --bucket BUCKET
`
	}
	return `- the bucket, unless it is empty (retain_data: false). To empty it before you confirm the deletion:
    aws s3 rm s3://BUCKET --recursive
`
}

func key(config workflow.Config) string {
	switch {
	case config.Key != "":
		return fmt.Sprintf("- the key %s, which is not part of the stack\n", config.Key)
	case config.RetainData:
		return `- the key, without which the bucket is unreadable. Note its ARN, the stack's output Key. To delete the key after the bucket:
    aws kms schedule-key-deletion --key-id KEY
`
	}
	// This is KMS's default waiting period (AWS::KMS::Key, PendingWindowInDays).
	return "- the key, which KMS deletes after 30 days; until then you can cancel the deletion\n"
}
