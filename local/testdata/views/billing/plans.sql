SELECT plan, count(*) AS users, sum(points) AS points
FROM users
GROUP BY plan
