CREATE OR REPLACE VIEW "shop"."snaplake_freshness" AS SELECT
  CAST(view_name AS varchar) AS view_name,
  CAST(table_name AS varchar) AS table_name,
  CAST('shop-20261121-1705-0' AS varchar) AS export_id,
  CAST('2026-11-21 17:05:12.000' AS timestamp(3)) AS snapshot_at,
  CAST('2026-11-21 18:42:07.000' AS timestamp(3)) AS published_at,
  CAST(row_count AS bigint) AS row_count,
  CAST(bytes AS bigint) AS bytes
FROM (VALUES
  ('users', 'shop.Users', 500, 4),
  ('carts', 'shop.carts', 0, 0)
) AS t (view_name, table_name, row_count, bytes)
UNION ALL
SELECT
  CAST(view_name AS varchar) AS view_name,
  CAST(table_name AS varchar) AS table_name,
  CAST('shop-20261120-1705-0' AS varchar) AS export_id,
  CAST('0001-01-01 00:00:00.000' AS timestamp(3)) AS snapshot_at,
  CAST('0001-01-01 00:00:00.000' AS timestamp(3)) AS published_at,
  CAST(row_count AS bigint) AS row_count,
  CAST(bytes AS bigint) AS bytes
FROM (VALUES
  ('audit', 'shop.audit', NULL, NULL)
) AS t (view_name, table_name, row_count, bytes)
