CREATE OR REPLACE VIEW "shop"."users_changes" AS SELECT
  CAST(CASE WHEN o."is there" IS NULL THEN 'insert' WHEN n."is there" IS NULL THEN 'delete' ELSE 'update' END AS varchar) AS operation,
  coalesce(n."id", o."id") AS "id",
  o."born" AS "old_born",
  n."born" AS "new_born",
  CAST('2026-11-20 17:05:03.000' AS timestamp(3)) AS old_snapshot_at,
  CAST('2026-11-21 17:05:12.000' AS timestamp(3)) AS new_snapshot_at
FROM (
SELECT
  true AS "is there",
  "id",
  CAST(NULL AS date) AS "born"
FROM "snaplake_crawled"."e20261120_1705_0_shop_users"
) AS o
FULL JOIN (
SELECT
  true AS "is there",
  "id",
  CASE WHEN "born" LIKE '____-__-__' AND "born" >= '0001' THEN TRY_CAST("born" AS date) END AS "born"
FROM "snaplake_crawled"."e20261121_1705_0_shop_users_5f3c"
) AS n ON o."id" = n."id"
WHERE o."is there" IS NULL
  OR n."is there" IS NULL
