package rds

import "time"

// Event is the event of a new automated snapshot that RDS sends to EventBridge (RDS guide, "Amazon RDS event categories and event
// messages"). Its JSON has the members of RDS's event, without those that all events have.
type Event struct {
	// DetailType is "RDS DB Snapshot Event" or "RDS DB Cluster Snapshot Event".
	DetailType string      `json:"detail-type"`
	Time       time.Time   `json:"time"`
	Resources  []string    `json:"resources"`
	Detail     EventDetail `json:"detail"`
}

// EventDetail is the detail of an Event.
type EventDetail struct {
	EventCategories []string
	// SourceType is SNAPSHOT or CLUSTER_SNAPSHOT.
	SourceType string
	SourceArn  string
	// Date is in UTC, with milliseconds: "2026-11-21T17:05:12.345Z".
	Date    string
	Message string
	// SourceIdentifier is the snapshot's identifier, for example "rds:shop-prod-2026-11-21-17-05".
	SourceIdentifier string
	EventID          string
}

// eventOf returns the event that a snapshot is available.
func eventOf(snap *snapshot) Event {
	e := Event{
		DetailType: "RDS DB Snapshot Event", Time: snap.createdAt, Resources: []string{snap.arn},
		Detail: EventDetail{
			EventCategories: []string{"creation"}, SourceType: "SNAPSHOT",
			Message: "Automated snapshot created", EventID: "RDS-EVENT-0091",
		},
	}
	if snap.db.Cluster {
		e.DetailType = "RDS DB Cluster Snapshot Event"
		e.Detail = EventDetail{
			EventCategories: []string{"backup"}, SourceType: "CLUSTER_SNAPSHOT",
			Message: "Automated cluster snapshot created", EventID: "RDS-EVENT-0169",
		}
	}
	e.Detail.SourceArn, e.Detail.SourceIdentifier = snap.arn, snap.id
	e.Detail.Date = timestamp(snap.createdAt).String()
	return e
}
