CREATE OR REPLACE VIEW "shop"."carts_history" AS SELECT
  "snapshot_at",
  "id",
  "note"
FROM (
SELECT
  CAST(NULL AS timestamp(3)) AS "snapshot_at",
  CAST(NULL AS integer) AS "id",
  CAST(NULL AS varchar) AS "note"
WHERE 'e20261121_1705_0_' IS NULL
UNION ALL
SELECT
  CAST('2026-11-20 17:05:03.000' AS timestamp(3)) AS "snapshot_at",
  "id",
  CAST(NULL AS varchar) AS "note"
FROM "snaplake_crawled"."e20261120_1705_0_shop_carts"
)
