SELECT max(points) AS points
FROM plans
