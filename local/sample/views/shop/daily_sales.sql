-- Orders and sales per day, without cancelled orders.
SELECT
  date(ordered_at) AS day,
  count(*) AS orders,
  sum(total) AS sales,
  CAST(avg(total) AS decimal(12, 2)) AS average
FROM orders
WHERE status <> 'cancelled'
GROUP BY date(ordered_at)
