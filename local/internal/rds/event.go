package rds

import "snaplake/local/internal/events"

// eventDetail is the detail of the event about a snapshot (RDS guide, "Amazon RDS event categories and event messages").
type eventDetail struct {
	EventCategories []string
	// SourceType is SNAPSHOT or CLUSTER_SNAPSHOT.
	SourceType string
	SourceArn  string
	// Date is in UTC, with milliseconds, for example "2026-11-21T17:05:12.345Z".
	Date    string
	Message string
	// SourceIdentifier is the snapshot's identifier, for example "rds:shop-prod-2026-11-21-17-05".
	SourceIdentifier string
	EventID          string
}

// eventOf returns the event for a new snapshot.
func eventOf(snap *snapshot) events.Event {
	detail := eventDetail{
		EventCategories: []string{"creation"}, SourceType: "SNAPSHOT", Message: "Automated snapshot created", EventID: "RDS-EVENT-0091",
	}
	detailType := "RDS DB Snapshot Event"
	if snap.db.Cluster {
		detailType = "RDS DB Cluster Snapshot Event"
		detail = eventDetail{
			EventCategories: []string{"backup"}, SourceType: "CLUSTER_SNAPSHOT", Message: "Automated cluster snapshot created",
			EventID: "RDS-EVENT-0169",
		}
	}
	detail.SourceArn, detail.SourceIdentifier, detail.Date = snap.arn, snap.id, timestamp(snap.createdAt).String()
	return events.Event{Source: "aws.rds", DetailType: detailType, Resources: []string{snap.arn}, Detail: detail}
}
