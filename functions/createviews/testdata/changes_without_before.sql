CREATE OR REPLACE VIEW "shop"."carts_changes" AS SELECT
  CAST(CASE WHEN o."is there" IS NULL THEN 'insert' WHEN n."is there" IS NULL THEN 'delete' ELSE 'update' END AS varchar) AS operation,
  coalesce(n."id", o."id") AS "id",
  coalesce(n."note", o."note") AS "note",
  CAST(NULL AS timestamp(3)) AS old_snapshot_at,
  CAST('2026-11-21 17:05:12.000' AS timestamp(3)) AS new_snapshot_at
FROM (
SELECT
  CAST(NULL AS boolean) AS "is there",
  CAST(NULL AS integer) AS "id",
  CAST(NULL AS varchar) AS "note"
WHERE 'e20261121_1705_0_' IS NULL
) AS o
FULL JOIN (
SELECT
  CAST(NULL AS boolean) AS "is there",
  CAST(NULL AS integer) AS "id",
  CAST(NULL AS varchar) AS "note"
WHERE 'e20261121_1705_0_' IS NULL
) AS n ON o."id" = n."id" AND o."note" = n."note"
WHERE 1 = 0
