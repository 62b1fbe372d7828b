CREATE OR REPLACE VIEW "shop"."users_history" AS SELECT
  "snapshot_at",
  "id",
  CASE WHEN "born" LIKE '____-__-__' AND "born" >= '0001' THEN TRY_CAST("born" AS date) END AS "born"
FROM (
SELECT
  CAST('2026-11-21 17:05:12.000' AS timestamp(3)) AS "snapshot_at",
  "id",
  "born"
FROM "snaplake_crawled"."e20261121_1705_0_shop_users_5f3c"
UNION ALL
SELECT
  CAST('2026-11-20 17:05:03.000' AS timestamp(3)) AS "snapshot_at",
  "id",
  CAST(NULL AS varchar) AS "born"
FROM "snaplake_crawled"."e20261120_1705_0_shop_users"
)
