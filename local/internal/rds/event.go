package rds

import "snaplake/local/internal/events"

// eventOf returns the event for a new snapshot (RDS guide, "Amazon RDS event categories and event messages").
func eventOf(snap *snapshot) events.Event {
	detailType, source, category := "RDS DB Snapshot Event", "SNAPSHOT", "creation"
	message, id := "Automated snapshot created", "RDS-EVENT-0091"
	if snap.db.Cluster {
		detailType, source, category = "RDS DB Cluster Snapshot Event", "CLUSTER_SNAPSHOT", "backup"
		message, id = "Automated cluster snapshot created", "RDS-EVENT-0169"
	}
	return events.Event{Source: "aws.rds", DetailType: detailType, Resources: []string{snap.ARN}, Detail: map[string]any{
		"EventCategories": []string{category}, "SourceType": source, "SourceArn": snap.ARN, "SourceIdentifier": snap.ID,
		"Date": timestamp(snap.CreatedAt), "Message": message, "EventID": id,
	}}
}
