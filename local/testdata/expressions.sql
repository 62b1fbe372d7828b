-- literals
SELECT 1, 2147483647, 2147483648, 9223372036854775807
SELECT -1, -2147483648, -9223372036854775808
SELECT 9223372036854775808
SELECT 0.5, 00.5, .5, 1., 1.50, 0.0, 000.250
SELECT -0.5, +0.5, - 1.25
SELECT 1e0, 1.5E3, 1E-7, 12e20, 0e0
SELECT 12345678901234567890.12345678, 99999999999999999999999999999999999999.
SELECT 123456789012345678901234567890123456789.
SELECT 'text', 'it''s', '', '日本語'
SELECT true, false, NULL
SELECT X'00ff', X'', X'AB CD'
SELECT DATE '2026-11-21', DATE '0001-01-01', DATE '9999-12-31'
SELECT DATE '2026-02-30'
SELECT TIMESTAMP '2026-11-21 17:05:12', TIMESTAMP '2026-11-21 17:05:12.345', TIMESTAMP '2026-11-21 17:05:12.345678'
SELECT TIMESTAMP '2026-11-21 17:05:12.5'
SELECT TIMESTAMP '2026-11-21 17:05:12.123456789'
SELECT TIMESTAMP '2026-11-21 17:05:12.000 Asia/Tokyo'
SELECT TIME '17:05:12'
SELECT DECIMAL '1.50', REAL '1.5', DOUBLE '1.5', BIGINT '7'
SELECT INTERVAL '1' DAY
SELECT U&'\65E5'
SELECT ARRAY[1, 2], MAP(ARRAY['a'], ARRAY[1]), ROW(1, 'a')
-- comparison operators
SELECT 1 = 1, 1 <> 2, 1 != 1, 1 < 2, 2 <= 2, 3 > 2, 3 >= 4
SELECT 'a' = 'b', 'a' < 'b', 'B' < 'a', 'a' = 'a '
SELECT 1 = 1.0, 1.5 > 1, 1e0 = 1, 1.5 = 1.5e0, 0.1 + 0.2 = 0.3, 1e-1 + 2e-1 = 3e-1
SELECT NULL = NULL, NULL <> 1, 1 < NULL
SELECT DATE '2026-11-21' = TIMESTAMP '2026-11-21 00:00:00', DATE '2026-11-21' < TIMESTAMP '2026-11-21 00:00:00.001'
SELECT TIMESTAMP '2026-11-21 00:00:00' = TIMESTAMP '2026-11-21 00:00:00.000'
SELECT DATE '2020-01-01' = '2020-01-01'
SELECT '2020-01-01' < DATE '2020-01-02'
SELECT TIMESTAMP '2020-01-01 00:00:00' > '2019-12-31'
SELECT 1 = '1'
SELECT '1' < 2
SELECT 1.5 = '1.5'
SELECT true = 1
SELECT true > false, true = true
SELECT true = 'true'
SELECT X'00' = X'00', X'01' > X'00ff'
SELECT X'61' = 'a'
SELECT DATE '2026-11-21' = 20261121
SELECT CAST('NaN' AS double) = CAST('NaN' AS double), CAST('NaN' AS double) <> CAST('NaN' AS double)
SELECT CAST('NaN' AS double) < 1e0, CAST('NaN' AS double) > 1e0, CAST('NaN' AS double) <= 1e0, CAST('NaN' AS double) >= 1e0
SELECT 1e0 < CAST('NaN' AS double), 1 > CAST('NaN' AS double), 1e0 = CAST('NaN' AS double), 1e0 <> CAST('NaN' AS double)
SELECT CAST('NaN' AS real) = CAST('NaN' AS real), CAST('NaN' AS real) > CAST(1 AS real)
SELECT CAST('NaN' AS double) = NULL, NULL > CAST('NaN' AS double)
SELECT CAST('Infinity' AS double) > 1e308, CAST('-Infinity' AS double) < -1e308, 0e0 = -0e0
SELECT CAST('NaN' AS double) IS DISTINCT FROM CAST('NaN' AS double), NULL IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1
SELECT 1 IS DISTINCT FROM '1'
SELECT 16777217 = CAST(16777216 AS real), 9007199254740993 = 9007199254740992e0
SELECT CAST(1 AS tinyint) = 1, CAST(1 AS smallint) < 1.5
SELECT (1, 2) = (1, 2)
SELECT (1, NULL) = (1, NULL)
SELECT (1, 'a') IN ((1, 'a'))
SELECT 1 = ALL (SELECT 1)
SELECT 2 BETWEEN 1 AND 3, 2 NOT BETWEEN 1 AND 3, NULL BETWEEN 1 AND 2, 2 BETWEEN 3 AND NULL
SELECT 1.5 BETWEEN 1 AND 2, 2 BETWEEN 1e0 AND 3e0, 'b' BETWEEN 'a' AND 'c'
SELECT 1 BETWEEN '0' AND '2'
SELECT DATE '2026-11-21' BETWEEN '2026-11-01' AND '2026-11-30'
SELECT DATE '2026-11-21' BETWEEN DATE '2026-11-01' AND TIMESTAMP '2026-11-30 00:00:00'
SELECT 1e0 BETWEEN 0e0 AND CAST('NaN' AS double)
SELECT 1 IN (1, 2), 3 IN (1, 2), NULL IN (1), 1 IN (2, NULL), 1 NOT IN (2, NULL), 1 IN (1, NULL)
SELECT 1 IN (1.0, 2.5), 'a' IN ('b', 'a'), 1e0 IN (1, 2)
SELECT 1 IN (1, '2')
SELECT 'a' IN (1, 2)
SELECT CAST('NaN' AS double) IN (1e0, CAST('NaN' AS double))
SELECT 1 IN (SELECT 1), 1 NOT IN (SELECT 2), 1 IN (SELECT NULL)
SELECT 1 IN (SELECT 'a')
SELECT 1 IN (SELECT 1.0), DATE '2026-11-21' IN (SELECT DATE '2026-11-21')
SELECT NULL IS NULL, 1 IS NULL, 1 IS NOT NULL
SELECT 'abc' LIKE 'a%', 'abc' LIKE '_b_', 'abc' NOT LIKE '%b%', 'ABC' LIKE 'abc', 'a%c' LIKE 'a\%c'
SELECT 'a%c' LIKE 'a#%c' ESCAPE '#', 'abc' LIKE 'a#%c' ESCAPE '#', 'a_c' LIKE 'a\_c' ESCAPE '\', 'a#c' LIKE 'a##c' ESCAPE '#'
SELECT 'abc' LIKE 'a#bc' ESCAPE '#'
SELECT 'abc' LIKE 'abc#' ESCAPE '#'
SELECT 'abc' LIKE 'abc' ESCAPE ''
SELECT 'abc' LIKE 'a##%' ESCAPE '##'
SELECT NULL LIKE 'a', 'a' LIKE NULL, '' LIKE '', '' LIKE '%', '日本' LIKE '__', 'a.c' LIKE 'a.c', 'abc' LIKE 'a.c'
SELECT 1 LIKE '1'
SELECT DATE '2026-11-21' LIKE '2026%'
SELECT 'x' LIKE x FROM (VALUES 'x', '_', '%', NULL) AS t(x)
SELECT greatest(1, 2), least(1, 2)
SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT 1 WHERE false)
-- logical operators
SELECT true AND NULL, false AND NULL, true OR NULL, false OR NULL, NOT NULL, NULL AND NULL
SELECT NOT true, NOT NOT true, true AND NOT false OR false
SELECT 1 AND true
SELECT true OR 'true'
SELECT NOT 1
SELECT 1 WHERE 1
SELECT 1 WHERE 'true'
SELECT 1 WHERE NULL
SELECT count(*) FROM (VALUES 1) AS t(x) HAVING 1
SELECT x FROM (VALUES true, false, NULL) AS t(x) WHERE x
SELECT x FROM (VALUES 1, 0) AS t(x) WHERE x
SELECT x FROM (VALUES 1, 0) AS t(x) WHERE NOT x = 1 AND x
-- conditional expressions
SELECT CASE WHEN 1 = 1 THEN 'a' ELSE 'b' END, CASE 1 WHEN 1 THEN 'a' END, CASE 2 WHEN 1 THEN 'a' END
SELECT CASE WHEN true THEN 1 ELSE 2.5 END, CASE WHEN false THEN 1 ELSE 2e0 END, CASE WHEN true THEN 1 ELSE 3000000000 END
SELECT CASE WHEN true THEN 1 ELSE 'a' END
SELECT CASE WHEN true THEN DATE '2026-11-21' ELSE TIMESTAMP '2026-11-21 17:05:12.345' END
SELECT CASE WHEN true THEN DATE '2026-11-21' ELSE '2026-11-21' END
SELECT CASE WHEN 1 THEN 2 END
SELECT CASE 1 WHEN '1' THEN 2 END
SELECT CASE 1 WHEN 1.0 THEN 'same' END, CASE NULL WHEN NULL THEN 1 ELSE 0 END
SELECT CASE CAST('NaN' AS double) WHEN CAST('NaN' AS double) THEN 1 ELSE 0 END
SELECT CASE WHEN true THEN NULL END
SELECT CASE WHEN true THEN NULL ELSE 1.5 END
SELECT CASE WHEN true THEN true ELSE 0 END
SELECT CASE WHEN x > 1 THEN x ELSE 0.5 END FROM (VALUES 1, 2) AS t(x)
SELECT if(true, 1, 2)
SELECT coalesce(NULL, 1), coalesce(NULL, 1.5, 2), coalesce(1, 2e0), coalesce('a', NULL)
SELECT coalesce(1, 'a')
SELECT coalesce(1)
SELECT coalesce(NULL, NULL)
SELECT coalesce(DATE '2026-11-21', TIMESTAMP '2026-11-21 00:00:00.000')
SELECT coalesce(CAST(NULL AS integer), 0), coalesce(CAST(NULL AS decimal(10,2)), 0), coalesce(CAST(NULL AS varchar), '-')
SELECT coalesce(CAST(NULL AS varchar), 0)
SELECT coalesce(CAST(1 AS tinyint), 1), coalesce(CAST(1.5 AS real), 1)
SELECT nullif(1, 1), nullif(1, 2), nullif('a', 'b'), nullif(1, 1.0), nullif(1.5, 1)
SELECT nullif(1, 'a')
SELECT nullif(NULL, 1), nullif(1, NULL)
SELECT nullif(0e0, 0), nullif(CAST('NaN' AS double), CAST('NaN' AS double))
SELECT try(1 / 0), try(CAST('x' AS integer)), try(1)
-- arithmetic of integers
SELECT 1 + 2, 5 - 7, 3 * 4, 7 / 2, -7 / 2, 7 % 3, -7 % 3, 7 % -3
SELECT 1 + CAST(2 AS bigint), CAST(1 AS tinyint) + CAST(2 AS tinyint), CAST(1 AS smallint) * CAST(2 AS tinyint)
SELECT CAST(100 AS tinyint) + 100, CAST(100 AS smallint) * 1000, CAST(1 AS tinyint) - 200
SELECT CAST(100 AS tinyint) + CAST(100 AS tinyint)
SELECT 2147483647 + 1
SELECT 2147483647 * 2
SELECT -2147483648 - 1
SELECT 9223372036854775807 + 1
SELECT 9223372036854775807 * 2
SELECT -(-9223372036854775807), -x FROM (VALUES CAST(5 AS tinyint)) AS t(x)
SELECT -CAST(-128 AS tinyint)
SELECT 1 / 0
SELECT 1 % 0
SELECT x / y FROM (VALUES (6, 4), (NULL, 0), (1, NULL)) AS t(x, y)
SELECT x % y FROM (VALUES (6, 4), (NULL, 3)) AS t(x, y)
SELECT 7 / CAST(2 AS bigint), CAST(7 AS tinyint) / CAST(2 AS tinyint), CAST(7 AS smallint) % 4
SELECT 1 + NULL, NULL * 2, 3 / CAST(NULL AS integer)
SELECT NULL + NULL
SELECT 1 + '1'
SELECT 'a' * 2
SELECT true + 1
SELECT - 'a'
SELECT - true
SELECT 1 + 2 * 3 - 4 / 2 % 3, (1 + 2) * 3, - 2 * 3, 2 - -3
SELECT abs(-5), abs(CAST(-5 AS tinyint)), abs(-5.5), abs(-5e0), abs(CAST(-1.5 AS real))
SELECT abs(CAST(-128 AS tinyint))
SELECT abs('5')
SELECT abs(NULL)
-- arithmetic of doubles and reals
SELECT 1e0 + 2, 1e0 / 3, 2 * 1.5e0, 5e0 % 3, -5e0 % 3, 1e0 - 0.5
SELECT 1e0 / 0, -1e0 / 0, 0e0 / 0, 1e0 / 0e0, 5e0 % 0
SELECT x / y FROM (VALUES (1e0, 0e0), (0e0, 0e0), (NULL, 0e0), (1e0, NULL)) AS t(x, y)
SELECT CAST(1 AS real) / 3, CAST(1 AS real) + 1, CAST(1 AS real) * 2e0, CAST(0.1 AS real) + 0.2, CAST(1 AS real) / 0
SELECT CAST(16777216 AS real) + 1, CAST(5 AS real) % 3
SELECT 1e308 * 10, -1e308 * 10, 1e-320 / 1e10
SELECT CAST('Infinity' AS double) - CAST('Infinity' AS double), CAST('NaN' AS double) + 1
SELECT 1e0 / 3e0, 1e7, 1e6, 123456789e0, 1e-3, 1e-4, 1e22, 1.7976931348623157e308
SELECT 1e0 + '1'
-- arithmetic of decimals
SELECT 1.5 + 2.25, 1.5 - 2, 1.5 * 2.25, 0.1 + 0.2, 1.10 * 1.10
SELECT 7.5 / 2, 1.00 / 3, 1 / 3.000, 2 / 3.0, 10.0 / 4.00, -1.00 / 8, 1.5 / 0.7, 0.1 / 0.3
SELECT 5 % 2.5, 5.5 % 2, -5.5 % 2, 5.5 % -2, 0.7 % 0.25
SELECT 1.5 / 0
SELECT 1.5 % 0.0
SELECT 1.5 / 0e0, 1.5 * 2e0, 1.5 + CAST(1 AS real)
SELECT CAST(1 AS decimal(18,2)) + CAST(2 AS decimal(18,2)), CAST(1 AS decimal(18,2)) - 1
SELECT CAST('9999999999999999.99' AS decimal(18,2)) + CAST('9999999999999999.99' AS decimal(18,2))
SELECT CAST('12345678.91' AS decimal(10,2)) * CAST('12345678.91' AS decimal(10,2)), CAST('12345678.91' AS decimal(10,2)) * 1000
SELECT CAST('1234567890123456.78' AS decimal(18,2)) * CAST('1234567890123456.78' AS decimal(18,2))
SELECT CAST(1 AS decimal(38,10)) + CAST(1 AS decimal(38,2)), CAST(1 AS decimal(38,0)) / 3, CAST(2 AS decimal(38,10)) / CAST(3 AS decimal(20,5))
SELECT CAST(1 AS decimal(38,20)) * CAST(1 AS decimal(38,20))
SELECT CAST('99999999999999999999999999999999999999' AS decimal(38,0)) + 1
SELECT x / y, x * y, x + y, x - y, x % y FROM (VALUES (CAST(7.50 AS decimal(10,2)), 3), (-2.25, 7), (NULL, 1), (1.00, NULL)) AS t(x, y)
SELECT x / 3 + 1, x / 3 * 2, (x + 1) / (x - 1), -x / 7, x / 7 / 2 FROM (VALUES CAST(10.01 AS decimal(10,2))) AS t(x)
SELECT CAST(7 AS bigint) / 2.0, CAST(7 AS tinyint) * 1.5, CAST(7 AS smallint) - 0.25
SELECT 1.5 + NULL, NULL / 2.5
SELECT 1.5 + '1'
SELECT -1.5, -CAST(0.5 AS decimal(1,1)), abs(-0.05)
SELECT 1.005 * 100, 19.99 * 3, 0.07 * 100 / 3
SELECT 100 * x / y FROM (VALUES (CAST(1 AS decimal(5,2)), CAST(3 AS decimal(5,2)))) AS t(x, y)
SELECT round(1.25), round(1.25, 1), round(-2.5), round(2.5e0), round(7), round(1.005e0, 2)
SELECT ceil(1.5), floor(-1.5), truncate(1.55, 1), sign(-1.5), mod(7.5, 2)
-- mathematical functions
SELECT sqrt(2), power(2, 10), exp(1), ln(10), log10(100), log2(8), cbrt(27)
SELECT sin(0), cos(0), tan(0), asin(0), acos(1), atan(1), atan2(1, 1), degrees(pi()), radians(180)
SELECT ceiling(1.5), pow(2, 3), e(), pi(), infinity(), nan()
SELECT is_nan(nan()), is_finite(1e0), is_infinite(infinity())
SELECT width_bucket(3.5, 0, 10, 5), rand() < 2
SELECT from_base('ff', 16), from_base('zz', 36), from_base('-7f', 16), from_base('777', 8), from_base(NULL, 16)
SELECT from_base('ff', 16), from_base('Zz', 36), from_base('101', 2)
SELECT from_base('8', 8)
SELECT from_base('1', 37)
SELECT from_base('ffffffffffffffff', 16)
SELECT from_base('', 10)
SELECT to_base(255, 16)
SELECT bitwise_and(12, 10), bitwise_or(12, 10), bitwise_xor(12, 10), bitwise_not(12), bit_count(7, 64)
SELECT bitwise_left_shift(1, 3), bitwise_right_shift(8, 3)
-- conversion
SELECT CAST(1 AS varchar), CAST(1.50 AS varchar), CAST(0.5 AS varchar), CAST(-0.05 AS varchar), CAST(1e0 AS varchar), CAST(true AS varchar)
SELECT CAST(CAST('0.5' AS decimal(1,1)) AS varchar), CAST(CAST('0' AS decimal(2,2)) AS varchar), CAST(CAST('-0.25' AS decimal(2,2)) AS varchar)
SELECT CAST('12' AS integer), CAST(' 12 ' AS bigint), CAST('+12' AS smallint), CAST('-12' AS tinyint)
SELECT CAST('1.5' AS decimal(3,1)), CAST('1.55' AS decimal(3,1)), CAST(1.55 AS decimal(3,1)), CAST(-1.55 AS decimal(3,1)), CAST(12 AS decimal(4,2))
SELECT CAST(2.5 AS integer), CAST(-2.5 AS integer), CAST(2.5e0 AS bigint), CAST(1.4e0 AS integer), CAST(0.5 AS bigint)
SELECT CAST('true' AS boolean), CAST('F' AS boolean), CAST(0 AS boolean), CAST(2.5 AS boolean), CAST(true AS integer), CAST(false AS double)
SELECT CAST('2026-11-21' AS date), CAST(TIMESTAMP '2026-11-21 17:05:12' AS date), CAST(DATE '2026-11-21' AS timestamp(3))
SELECT CAST('2026-11-21 17:05:12' AS timestamp(3)), CAST('2026-11-21 17:05' AS timestamp(6)), CAST('2026-11-21' AS timestamp)
SELECT CAST(DATE '2026-11-21' AS varchar), CAST(TIMESTAMP '2026-11-21 17:05:12.345' AS varchar), CAST(1e10 AS varchar), CAST(0.1e0 AS varchar)
SELECT CAST('abc' AS varbinary), CAST(NULL AS integer), CAST(NULL AS decimal(5,2)), CAST(NULL AS varchar)
SELECT CAST('x' AS integer)
SELECT CAST('2026-13-01' AS date)
SELECT CAST(300 AS tinyint)
SELECT CAST(DATE '2026-11-21' AS integer)
SELECT CAST(1 AS date)
SELECT CAST(X'61' AS varchar)
SELECT CAST(1234.5 AS decimal(4,1)), CAST(1234.5 AS decimal(5,1))
SELECT CAST(12345.6 AS decimal(5,1))
SELECT TRY_CAST('x' AS integer), TRY_CAST('1.5' AS integer), TRY_CAST('2026-13-01' AS date), TRY_CAST(300 AS tinyint), TRY_CAST('7' AS bigint)
SELECT CAST(1 AS real), CAST(1.1 AS real), CAST('1.1' AS double), CAST(CAST(1.1 AS real) AS double), CAST(16777217 AS real)
SELECT CAST('abc' AS varchar(2))
SELECT CAST('abc' AS char(5))
SELECT CAST('2026-11-21 17:05:12' AS timestamp(2))
SELECT CAST('2026-11-21 17:05:12 Asia/Tokyo' AS timestamp(3) with time zone)
SELECT CAST(CAST('2026-11-21 17:05:12 Asia/Tokyo' AS timestamp(3) with time zone) AT TIME ZONE 'UTC' AS timestamp(3))
SELECT CAST(TIMESTAMP '2026-11-21 17:05:12' AT TIME ZONE 'Asia/Tokyo' AS timestamp(3)), CAST(TIMESTAMP '2026-11-21 17:05:12' AT TIME ZONE 'Asia/Tokyo' AS date)
SELECT TIMESTAMP '2026-11-21 17:05:12' AT TIME ZONE 'Asia/Tokyo'
SELECT CAST('1' AS json), typeof(1), format('%d', 1), CAST(1 AS uuid)
SELECT parse_data_size('1kB'), human_readable_seconds(96)
-- string functions
SELECT 'a' || 'b', 'a' || NULL, '' || '', 'a' || 'b' || 'c'
SELECT 'a' || 1
SELECT 1 || 2
SELECT 'a' || DATE '2026-11-21'
SELECT 'a' || X'61'
SELECT X'00' || X'01'
SELECT concat('a', 'b'), concat('a', 'b', 'c'), concat('a', NULL)
SELECT concat(1, 'a')
SELECT concat('a')
SELECT concat(X'00', X'01')
SELECT length('abc'), length(''), length('日本'), length(NULL), length(X'0001')
SELECT length(123)
SELECT lower('ÀB'), upper('éa'), lower('İI'), upper('ß'), upper('ǆ')
SELECT upper(1)
SELECT upper(NULL)
SELECT lower(DATE '2026-11-21')
SELECT substr('hello', 2), substr('hello', 2, 3), substr('hello', 0), substr('hello', -3), substr('hello', -3, 2), substr('hello', 6), substr('hello', -9)
SELECT substr('hello', 2, 0), substr('hello', 2, -1), substr('hello', 2, 99), substr('日本語', 2, 1), substr('', 1)
SELECT substr('hello', 1.5)
SELECT substr('hello', '2')
SELECT substr(12345, 2)
SELECT substr(NULL, 1)
SELECT substr(X'000102', 2)
SELECT substr('hello', CAST(2 AS bigint), CAST(3 AS tinyint)), substr('hello', 1 + 1)
SELECT substr(x, 2) FROM (VALUES 'ab', 'c', NULL) AS t(x)
SELECT replace('aba', 'a', 'x'), reverse('abc'), trim(' a '), ltrim(' a'), rtrim('a '), lpad('a', 3, '-'), rpad('a', 3, '-')
SELECT strpos('abc', 'c'), position('c' IN 'abc'), split('a,b', ','), split_part('a,b', ',', 2), starts_with('abc', 'a')
SELECT chr(65), codepoint('A'), translate('abc', 'a', 'x'), normalize('a'), levenshtein_distance('a', 'b'), soundex('a')
SELECT hamming_distance('ab', 'ac'), word_stem('running'), luhn_check('1234'), concat_ws(',', 'a', 'b')
SELECT from_utf8(X'E697A5'), from_utf8(to_utf8('é')), from_utf8(X'')
SELECT from_utf8(X'ff', '?')
SELECT from_utf8('a')
SELECT to_utf8('é'), to_utf8('')
SELECT to_utf8(1)
-- regular expressions
SELECT regexp_replace('a1b2', '\d'), regexp_replace('a1b2', '[0-9]', '-'), regexp_replace('abc', 'x', 'y'), regexp_replace('a.b', '\.', '')
SELECT regexp_replace('abc', 'B'), regexp_replace('abc', '(?i)B', 'x'), regexp_replace('aaa', 'a*', 'b'), regexp_replace('', 'a*', 'b')
SELECT regexp_replace(NULL, 'a'), regexp_replace('a', NULL), regexp_replace('日本', '.', 'x')
SELECT regexp_replace('abc', '(b)', '[$1]')
SELECT regexp_replace('abc', '(?<x>b)', '${x}')
SELECT regexp_replace('abc', 'b(?=c)', 'x')
SELECT regexp_replace('abab', '(a)b\1', 'x')
SELECT regexp_replace('abc', '[', 'x')
SELECT regexp_replace('a', 'a', x -> x[1])
SELECT regexp_replace(1, 'a')
SELECT regexp_replace('abc', '\w+', 'x'), regexp_replace('é', '\w', 'x'), regexp_replace('a b', '\s', '_'), regexp_replace('a	b', '\h', '_')
SELECT regexp_replace('abc', '^a|c$', ''), regexp_replace('a-b', '[\-]', '+'), regexp_replace('aab', 'a{2}', 'x'), regexp_replace('abc', 'a.*?c', 'x')
SELECT regexp_replace(x, '[aeiou]', '*') FROM (VALUES 'hello', 'xyz', NULL) AS t(x)
SELECT regexp_like('abc', 'b'), regexp_extract('abc', 'b'), regexp_extract_all('abc', '.'), regexp_split('a,b', ','), regexp_count('aa', 'a'), regexp_position('abc', 'c')
-- binary functions
SELECT to_hex(X'00ff'), to_hex(to_utf8('é')), to_hex(X''), to_hex(NULL)
SELECT to_hex(X'00ff'), to_hex(CAST(NULL AS varbinary))
SELECT to_hex('a')
SELECT to_hex(255)
SELECT to_hex(sha256(to_utf8('abc'))), sha256(X''), to_hex(sha256(to_utf8(CAST(0.5 AS varchar))))
SELECT sha256('abc')
SELECT from_hex('00ff'), md5(X'00'), sha1(X'00'), sha512(X'00'), crc32(X'00'), xxhash64(X'00')
SELECT to_base64(X'00'), from_base64('AA=='), to_big_endian_64(1), from_ieee754_64(X'3ff0000000000000'), hmac_sha256(X'00', X'00')
-- JSON functions
SELECT json_parse('{"a": 1}'), json_extract('{"a": 1}', '$.a'), json_extract_scalar('{"a": 1}', '$.a'), json_array_length('[1]'), json_size('{}', '$')
SELECT json_value('{"a": 1}', 'lax $.a'), json_query('{"a": 1}', 'lax $.a'), json_exists('{"a": 1}', 'lax $.a')
SELECT json_format(JSON '1'), json_object('a': 1), json_array(1, 2), is_json_scalar('1'), json_array_contains('[1]', 1)
-- date and time
SELECT DATE '2026-11-21' - DATE '2026-11-01'
SELECT TIMESTAMP '2026-11-21 00:00:00' - TIMESTAMP '2026-11-20 00:00:00'
SELECT DATE '2026-11-21' - TIMESTAMP '2026-11-20 00:00:00'
SELECT DATE '2026-11-21' + 1
SELECT DATE '2026-11-21' - 1
SELECT DATE '2026-11-21' + DATE '2026-11-21'
SELECT DATE '2026-11-21' + INTERVAL '1' DAY, TIMESTAMP '2026-11-21 00:00:00' - INTERVAL '2' HOUR
SELECT INTERVAL '1' DAY * 2, CAST(INTERVAL '25' HOUR AS varchar), INTERVAL '3' MONTH
SELECT year(DATE '2026-11-21'), month(DATE '2026-11-21'), day(DATE '2026-11-21'), quarter(DATE '2026-11-21')
SELECT year(TIMESTAMP '2026-11-21 17:05:12'), hour(TIMESTAMP '2026-11-21 17:05:12'), minute(TIMESTAMP '2026-11-21 17:05:12.345'), second(TIMESTAMP '2026-11-21 17:05:59.999')
SELECT hour(DATE '2026-11-21'), minute(DATE '2026-11-21')
SELECT year(CAST(NULL AS date)), second(TIMESTAMP '2026-11-21 17:05:59.999999')
SELECT year('2026-11-21')
SELECT year(2026)
SELECT year(NULL)
SELECT month(20261121)
SELECT date('2026-11-21'), date(TIMESTAMP '2026-11-21 17:05:12'), date(DATE '2026-11-21')
SELECT date('2026-11-21 17:05:12')
SELECT date(20261121)
SELECT current_date = current_date, current_date > DATE '2020-01-01', now() = current_timestamp, now() > TIMESTAMP '2020-01-01 00:00:00'
SELECT CAST(now() AS date) = current_date, year(now()) > 2020, year(current_timestamp) > 2020
SELECT current_date = '2026-11-21'
SELECT current_timestamp > '2026-11-21'
SELECT current_date - 1
SELECT date_trunc('month', DATE '2026-11-21'), date_add('day', 1, DATE '2026-11-21'), date_diff('day', DATE '2026-11-01', DATE '2026-11-21')
SELECT date_format(TIMESTAMP '2026-11-21 17:05:12', '%Y-%m-%d'), date_parse('2026-11-21', '%Y-%m-%d'), format_datetime(TIMESTAMP '2026-11-21 17:05:12', 'YYYY')
SELECT EXTRACT(YEAR FROM DATE '2026-11-21'), day_of_week(DATE '2026-11-21'), day_of_year(DATE '2026-11-21'), week(DATE '2026-11-21'), last_day_of_month(DATE '2026-11-21')
SELECT from_unixtime(0), to_unixtime(TIMESTAMP '2026-11-21 17:05:12'), from_iso8601_date('2026-11-21'), to_iso8601(DATE '2026-11-21')
SELECT at_timezone(now(), 'UTC') = now(), with_timezone(TIMESTAMP '2026-11-21 17:05:12', 'UTC'), current_timezone(), timezone_hour(now())
SELECT localtime < TIME '24:00:00', localtimestamp > TIMESTAMP '2020-01-01 00:00:00', current_time IS NULL
-- aggregate functions
SELECT count(*), count(x), count(DISTINCT x), sum(x), min(x), max(x), avg(x) FROM (VALUES 1, 2, 2, NULL) AS t(x)
SELECT count(*), count(x), sum(x), min(x), max(x), avg(x) FROM (VALUES 1) AS t(x) WHERE false
SELECT count(), count(1), count(NULL), count('a') FROM (VALUES 1, 2) AS t(x)
SELECT sum(x), avg(x) FROM (VALUES CAST(1 AS tinyint), CAST(2 AS tinyint)) AS t(x)
SELECT sum(x), avg(x), min(x), max(x) FROM (VALUES 1.25, 1.26, 0.1) AS t(x)
SELECT avg(x), sum(x) FROM (VALUES CAST(1.05 AS decimal(10,2)), 2.00, -3.10, NULL) AS t(x)
SELECT avg(x) FROM (VALUES 0.5, 0.4) AS t(x)
SELECT avg(x), avg(DISTINCT x), avg(x) FILTER (WHERE x > 1) FROM (VALUES 1.00, 1.00, 2.55) AS t(x)
SELECT avg(x) FROM (VALUES 1.5) AS t(x) WHERE false
SELECT avg(-x), avg(x) * 2, avg(x + 0.01) / 3, CAST(avg(x) AS decimal(12, 4)) FROM (VALUES 1.00, 2.55) AS t(x)
SELECT sum(x), avg(x), min(x), max(x) FROM (VALUES 1e0, 2.5e0, NULL) AS t(x)
SELECT sum(x), avg(x), min(x), max(x) FROM (VALUES CAST(1.1 AS real), CAST(2.2 AS real)) AS t(x)
SELECT max(x), min(x) FROM (VALUES CAST('NaN' AS double), 1e0, 2e0) AS t(x)
SELECT max(x), min(x) FROM (VALUES CAST('NaN' AS double), NULL) AS t(x)
SELECT max(x) - max(y), -max(x) FROM (VALUES (1e0, 2e0)) AS t(x, y)
SELECT sum(x), avg(x) FROM (VALUES CAST('NaN' AS double), 1e0) AS t(x)
SELECT sum(x) FROM (VALUES 9223372036854775807, 1) AS t(x)
SELECT sum(x) FROM (VALUES 2147483647, 1) AS t(x)
SELECT sum(x) FROM (VALUES 'a') AS t(x)
SELECT sum(x) FROM (VALUES '1', '2') AS t(x)
SELECT sum(x) FROM (VALUES true) AS t(x)
SELECT sum(NULL)
SELECT avg(x) FROM (VALUES DATE '2026-11-21') AS t(x)
SELECT avg(x) FROM (VALUES '1') AS t(x)
SELECT min(x), max(x) FROM (VALUES 'b', 'a', NULL) AS t(x)
SELECT min(x), max(x) FROM (VALUES true, false) AS t(x)
SELECT min(x), max(x) FROM (VALUES DATE '2026-11-21', DATE '2026-11-22') AS t(x)
SELECT min(x), max(x) FROM (VALUES X'00', X'ff') AS t(x)
SELECT max(x, 2) FROM (VALUES 1, 2, 3) AS t(x)
SELECT count_if(x > 1), count_if(x > 9), count_if(NULL) FROM (VALUES 1, 2) AS t(x)
SELECT count_if(x > 1), count_if(x > 9) FROM (VALUES 1, 2) AS t(x)
SELECT count_if(x > 1) FROM (VALUES 1) AS t(x) WHERE false
SELECT count_if(x > 1) FILTER (WHERE x < 3) FROM (VALUES 1, 2, 3) AS t(x)
SELECT count_if(1)
SELECT count_if(DISTINCT x > 1) FROM (VALUES 1, 2, 3) AS t(x)
SELECT bool_and(x), bool_or(x) FROM (VALUES true, false, NULL) AS t(x)
SELECT bool_and(x), bool_or(x) FROM (VALUES true) AS t(x) WHERE false
SELECT bool_and(1)
SELECT bool_or('true')
SELECT sum(x) FILTER (WHERE x > 1), count(*) FILTER (WHERE x > 9) FROM (VALUES 1, 2, 3) AS t(x)
SELECT sum(x) FILTER (WHERE x) FROM (VALUES 1, 2, 3) AS t(x)
SELECT sum(DISTINCT x), count(DISTINCT y) FROM (VALUES (1, 'a'), (1, 'b'), (2, 'b')) AS t(x, y)
SELECT count(DISTINCT x, y) FROM (VALUES (1, 2)) AS t(x, y)
SELECT sum(x) / count(*), sum(x) * 1.0 / count(*), sum(x) / 2e0 FROM (VALUES 1, 2, 4) AS t(x)
SELECT sum(x) / count(*), sum(x) / sum(y), 100 * sum(x) / sum(y) FROM (VALUES (1.50, 3), (2.25, 4)) AS t(x, y)
SELECT sum(x * y) / sum(y) FROM (VALUES (CAST(1.50 AS decimal(10,2)), 3), (2.25, 4)) AS t(x, y)
SELECT max_by(x, y), min_by(x, y) FROM (VALUES (1, NULL), (2, 3)) AS t(x, y)
SELECT array_agg(x), approx_distinct(x), stddev(x), variance(x) FROM (VALUES 1, 2) AS t(x)
SELECT arbitrary(x), any_value(x), every(x > 0), geometric_mean(x), checksum(x) FROM (VALUES 1) AS t(x)
SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x), histogram(x), map_agg(x, x), approx_percentile(1, 0.5) FROM (VALUES 'a') AS t(x)
SELECT corr(x, y), covar_pop(x, y), regr_slope(x, y), skewness(x), kurtosis(x) FROM (VALUES (1, 2), (2, 3)) AS t(x, y)
SELECT bitwise_and_agg(x), bitwise_or_agg(x) FROM (VALUES 1, 2) AS t(x)
SELECT x, count(*) FROM (VALUES 'a', 'b', 'a') AS t(x) GROUP BY x ORDER BY x
SELECT x + 1, count(*) FROM (VALUES 1, 2, 1) AS t(x) GROUP BY x + 1 ORDER BY x + 1
SELECT CAST(x AS varchar), x / 2.0, count(*) FROM (VALUES 1, 2, 1) AS t(x) GROUP BY CAST(x AS varchar), x / 2.0 ORDER BY 1
SELECT upper(x), sum(y) FROM (VALUES ('a', 1.5), ('A', 2.5)) AS t(x, y) GROUP BY upper(x) HAVING sum(y) > 1
SELECT x FROM (VALUES (1, 2)) AS t(x, y) GROUP BY y
SELECT x, y FROM (VALUES (1, 2)) AS t(x, y) GROUP BY 1, 2
SELECT x + 1 AS y FROM (VALUES 1, 2) AS t(x) GROUP BY y
SELECT count(*) AS n, x FROM (VALUES 1, 2) AS t(x) GROUP BY x HAVING n > 0
SELECT grouping(x) FROM (VALUES 1) AS t(x) GROUP BY x
SELECT x, count(*) FROM (VALUES 1, 2) AS t(x) GROUP BY GROUPING SETS ((x), ())
SELECT sum(sum(x)) FROM (VALUES 1) AS t(x)
SELECT sum(x) FROM (VALUES 1) AS t(x) WHERE sum(x) > 0
-- window functions
SELECT x, row_number() OVER (ORDER BY x), rank() OVER (ORDER BY x), dense_rank() OVER (ORDER BY x) FROM (VALUES 1, 2, 2, NULL) AS t(x) ORDER BY x, 2
SELECT x, lag(x) OVER (ORDER BY x), lead(x) OVER (ORDER BY x), lag(x, 2, 0) OVER (ORDER BY x) FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x
SELECT x, first_value(x) OVER (ORDER BY x), last_value(x) OVER (ORDER BY x) FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x
SELECT x, sum(x) OVER (ORDER BY x), avg(x) OVER (ORDER BY x), count(*) OVER () FROM (VALUES 1, 2, 2) AS t(x) ORDER BY x
SELECT x, avg(x) OVER (ORDER BY x), sum(x) OVER (PARTITION BY x) FROM (VALUES 1.00, 2.55, 2.55) AS t(x) ORDER BY x
SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), max(x) OVER (ORDER BY x ROWS UNBOUNDED PRECEDING) FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x
SELECT x, sum(x) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING), count(*) OVER (ORDER BY x GROUPS 1 PRECEDING) FROM (VALUES 1, 2, 4) AS t(x) ORDER BY x
SELECT x, count_if(x > 1) OVER (ORDER BY x), max(y) OVER (ORDER BY x) FROM (VALUES (1, 2e0), (2, 1e0)) AS t(x, y) ORDER BY x
SELECT x, row_number() OVER (ORDER BY x DESC), first_value(x) OVER (ORDER BY x DESC) FROM (VALUES 1, NULL, 3) AS t(x) ORDER BY x
SELECT x, row_number() OVER (PARTITION BY x % 2 ORDER BY x NULLS FIRST) FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x
SELECT count(DISTINCT x) OVER () FROM (VALUES 1, 1) AS t(x)
SELECT lag(x, -1) OVER (ORDER BY x) FROM (VALUES 1) AS t(x)
SELECT lag(x, 1, 'a') OVER (ORDER BY x) FROM (VALUES 1) AS t(x)
SELECT lag(x, 1, 0.5) OVER (ORDER BY x) FROM (VALUES 1) AS t(x)
SELECT lag(x, 1, NULL) OVER (ORDER BY x) FROM (VALUES 1, 2) AS t(x) ORDER BY x
SELECT rank() OVER (), row_number() OVER ()
SELECT row_number()
SELECT lag(1)
SELECT rank(1) OVER ()
SELECT upper('a') OVER ()
SELECT ntile(2) OVER (ORDER BY x), percent_rank() OVER (ORDER BY x), cume_dist() OVER (ORDER BY x), nth_value(x, 1) OVER (ORDER BY x) FROM (VALUES 1) AS t(x)
SELECT lag(x) IGNORE NULLS OVER (ORDER BY x) FROM (VALUES 1) AS t(x)
SELECT sum(count(*)) OVER () FROM (VALUES 1, 2) AS t(x) GROUP BY x
SELECT row_number() OVER (ORDER BY x) FROM (VALUES CAST('NaN' AS double), 1e0, NULL) AS t(x) ORDER BY 1
-- array, map, row and lambda functions
SELECT cardinality(ARRAY[1]), ARRAY[1][1], element_at(ARRAY[1], 1), contains(ARRAY[1, NULL], 2)
SELECT array_distinct(ARRAY[1, 1]), array_sort(ARRAY[2, 1]), array_max(ARRAY[1, 2]), array_join(ARRAY[1], ','), array_position(ARRAY[1], 1)
SELECT arrays_overlap(ARRAY[1], ARRAY[NULL]), flatten(ARRAY[ARRAY[1]]), sequence(1, 3), slice(ARRAY[1, 2], 1, 1), zip(ARRAY[1], ARRAY[2])
SELECT transform(ARRAY[1], x -> x + 1), filter(ARRAY[1], x -> x > 0), reduce(ARRAY[1], 0, (s, x) -> s + x, s -> s)
SELECT any_match(ARRAY[NULL], x -> x > 0), all_match(ARRAY[1], x -> x > 0), none_match(ARRAY[1], x -> x > 0)
SELECT map_keys(MAP(ARRAY['a'], ARRAY[1])), map_values(MAP()), map_from_entries(ARRAY[ROW('a', 1)]), transform_values(MAP(), (k, v) -> v)
SELECT x FROM UNNEST(ARRAY[1, 2]) AS t(x)
SELECT ROW(1, 2) = ROW(1, 2)
SELECT CAST(ROW(1, 2) AS ROW(a integer, b integer)).a
-- URL, UUID, IP and other functions
SELECT url_extract_host('https://example.com/a?b=c'), url_extract_parameter('https://example.com/a?b=c', 'b'), url_encode('a b'), url_decode('a+b')
SELECT uuid() IS NOT NULL, CAST('00000000-0000-0000-0000-000000000000' AS uuid), CAST('10.0.0.1' AS ipaddress), contains('10.0.0.0/8', IPADDRESS '10.1.2.3')
SELECT ST_Point(1, 2), to_geometry(to_spherical_geography(ST_Point(1, 2)))
SELECT current_user, current_catalog, current_schema
SELECT no_such_function(1)
SELECT to_char(1), date_trunc2('x')
-- columns and subqueries
SELECT NULL AS c
SELECT c FROM (SELECT NULL AS c) AS t
SELECT (SELECT 1), (SELECT max(x) FROM (VALUES 1, 2) AS t(x)) + 1, (SELECT 1 WHERE false)
SELECT (SELECT x FROM (VALUES 1, 2) AS t(x))
SELECT a + 1 AS b FROM (VALUES 1) AS t(a) WHERE b > 1
SELECT a AS b FROM (VALUES 1, 2) AS t(a) WHERE b = 1
SELECT a + 1 AS a FROM (VALUES 1, 2) AS t(a) WHERE a = 1
SELECT a AS b, b + 1 AS c FROM (VALUES 1) AS t(a)
SELECT a + 1 AS b FROM (VALUES 2, 1) AS t(a) ORDER BY b
SELECT a + 1 AS b FROM (VALUES 2, 1) AS t(a) ORDER BY a
SELECT a AS b FROM (VALUES 2, 1) AS t(a) ORDER BY b + 1
SELECT nope FROM (VALUES 1) AS t(a)
SELECT a FROM (VALUES 1) AS t(a), (VALUES 2) AS u(a)
SELECT t.*, u.b FROM (VALUES 1) AS t(a) CROSS JOIN (VALUES 2) AS u(b)
SELECT * FROM (VALUES (1, 'a')) AS t(x, y) JOIN (VALUES (1, 'b')) AS u(x, z) USING (x)
SELECT * FROM (VALUES 1) AS t(x) JOIN (VALUES '1') AS u(x) USING (x)
SELECT * FROM (VALUES 1) AS t(x) JOIN (VALUES '1') AS u(y) ON x = y
SELECT * FROM (VALUES 1) AS t(x) JOIN (VALUES 2) AS u(y) ON x
SELECT x, y FROM (VALUES 1, 2) AS t(x) LEFT JOIN (VALUES 2, 3) AS u(y) ON x = y ORDER BY x
SELECT x, y FROM (VALUES 1, 2) AS t(x) FULL JOIN (VALUES 2, 3) AS u(y) ON x = y ORDER BY x, y
SELECT x, y FROM (VALUES 1e0, 2e0) AS t(x) FULL JOIN (VALUES 2e0, 3e0) AS u(y) ON x = y ORDER BY x, y
SELECT x, y FROM (VALUES 1e0, CAST('NaN' AS double)) AS t(x) LEFT JOIN (VALUES 1e0, CAST('NaN' AS double)) AS u(y) ON x = y ORDER BY y
SELECT x FROM (VALUES 1, 2) AS t(x) WHERE EXISTS (SELECT 1 FROM (VALUES 2) AS u(y) WHERE y = x)
SELECT x FROM (VALUES 1, 2) AS t(x) WHERE x IN (SELECT y + 1 FROM (VALUES 1) AS u(y))
SELECT x, (SELECT sum(y) FROM (VALUES 1, 2) AS u(y) WHERE y <= x) FROM (VALUES 1, 2) AS t(x) ORDER BY x
WITH a AS (SELECT 1.50 AS x), b AS (SELECT x / 7 AS y FROM a) SELECT y, y * 2 FROM b
WITH a (x) AS (VALUES 1, 2) SELECT sum(x) FROM a
WITH unused AS (SELECT 1 / 2.5 AS x) SELECT 1
-- set operations, order and limits
SELECT 1 AS c UNION SELECT 'a'
SELECT 1 AS c UNION ALL SELECT 2.5 ORDER BY c
SELECT 1 AS c UNION ALL SELECT NULL ORDER BY c
SELECT DATE '2026-11-21' AS c UNION ALL SELECT '2026-11-22'
SELECT DATE '2026-11-21' AS c UNION ALL SELECT TIMESTAMP '2026-11-20 00:00:00.000' ORDER BY c
SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 2
SELECT * FROM (VALUES 1) AS t(x) UNION ALL SELECT * FROM (VALUES 'a') AS u(x)
SELECT x FROM (VALUES 1, 2) AS t(x) INTERSECT SELECT 2.0
SELECT true UNION SELECT 1
SELECT 1, 2 UNION SELECT 1
SELECT CAST('NaN' AS double) AS c UNION SELECT CAST('NaN' AS double)
VALUES 1, 2.5, NULL
VALUES (1, 'a'), (2, NULL)
VALUES 1, 'a'
VALUES (1, 2), (1, 'b')
VALUES DATE '2026-11-21', '2026-11-22'
VALUES true, 1
VALUES (1 + 1) * 2, 3
SELECT x FROM (VALUES 2, NULL, 1) AS t(x) ORDER BY x
SELECT x FROM (VALUES 2, NULL, 1) AS t(x) ORDER BY x DESC
SELECT x FROM (VALUES 2, NULL, 1) AS t(x) ORDER BY x NULLS FIRST
SELECT x FROM (VALUES 2e0, NULL, CAST('NaN' AS double), CAST('Infinity' AS double), -1e0) AS t(x) ORDER BY x
SELECT x FROM (VALUES 2e0, NULL, CAST('NaN' AS double), CAST('Infinity' AS double), -1e0) AS t(x) ORDER BY x DESC
SELECT x FROM (VALUES 'b', 'A', 'a', 'é', 'z', '') AS t(x) ORDER BY x
SELECT x FROM (VALUES X'01', X'00ff', X'') AS t(x) ORDER BY x
SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x OFFSET 1 LIMIT 1
SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x LIMIT ALL
SELECT DISTINCT x FROM (VALUES 1, 1, NULL, NULL) AS t(x) ORDER BY x
SELECT DISTINCT x FROM (VALUES (1, 2)) AS t(x, y) ORDER BY y
SELECT DISTINCT x + 1 AS z FROM (VALUES 1, 1) AS t(x) ORDER BY z
SELECT DISTINCT x + 1 FROM (VALUES 1, 1) AS t(x) ORDER BY x + 1
SELECT x FROM (VALUES 1) AS t(x) ORDER BY 2
SELECT x FROM (VALUES 1) AS t(x) FETCH FIRST 1 ROW ONLY
SELECT x FROM (VALUES 1) AS t(x) GROUP BY x ORDER BY count(*)
SELECT x FROM (VALUES 1, 2) AS t(x) ORDER BY -x
-- generated views
SELECT CASE WHEN x LIKE '____-__-__' AND x >= '0001' THEN TRY_CAST(x AS date) END FROM (VALUES '2026-11-21', '0000-00-00', 'infinity', NULL, '2026-02-30') AS t(x)
SELECT CASE x WHEN X'00' THEN false WHEN X'01' THEN true END FROM (VALUES X'00', X'01', X'0001') AS t(x)
SELECT TRY(from_base(to_hex(x), 16)) FROM (VALUES X'0FFF', X'FFFFFFFFFFFFFFFF') AS t(x)
SELECT CASE WHEN x <= TIMESTAMP '9999-12-31 23:59:59.999' THEN CAST(x AS timestamp(3)) END FROM (VALUES TIMESTAMP '2026-11-21 17:05:12.345678', TIMESTAMP '9999-12-31 23:59:59.999999') AS t(x)
SELECT CASE WHEN x LIKE '____-__-__ __:__:__%' AND x >= '0001' THEN CAST(TRY_CAST(concat(x, CASE WHEN x LIKE '%+__' OR x LIKE '%-__' THEN ':00' WHEN x LIKE '%+__:__' OR x LIKE '%-__:__' THEN '' ELSE '+00:00' END) AS timestamp(6) with time zone) AT TIME ZONE 'UTC' AS timestamp(6)) END FROM (VALUES '2026-11-21 17:05:12.5+09', '2026-11-21 17:05:12-03:30', '2026-11-21 17:05:12', 'infinity') AS t(x)
SELECT coalesce(CASE WHEN x LIKE '____-__-__' AND x >= '0001' THEN TRY_CAST(x AS date) END, CAST(CAST(TRY_CAST(x AS timestamp(6)) AS timestamp(6)) AS date)) FROM (VALUES '2026-11-21', '2026-11-22 01:02:03') AS t(x)
SELECT TRY_CAST(TRY_CAST(x AS decimal(38,19)) AS bigint) FROM (VALUES '12', '12.5', 'x') AS t(x)
SELECT to_hex(sha256(to_utf8(CAST(x AS varchar)))) FROM (VALUES 0.5, 0.25) AS t(x)
SELECT to_hex(sha256(to_utf8(CAST(x AS varchar)))) FROM (VALUES CAST('0.5' AS decimal(1,1)), CAST('-0.5' AS decimal(1,1))) AS t(x)
SELECT CAST(CASE WHEN o.p IS NULL THEN 'insert' WHEN n.p IS NULL THEN 'delete' ELSE 'update' END AS varchar) AS operation, coalesce(n.id, o.id) AS id FROM (SELECT true AS p, 1 AS id) AS o FULL JOIN (SELECT true AS p, 2 AS id) AS n ON o.id = n.id WHERE o.p IS NULL OR n.p IS NULL OR o.id IS DISTINCT FROM n.id ORDER BY id
SELECT count(*) AS n FROM (SELECT x FROM (VALUES 1, 1, NULL) AS t(x) GROUP BY x HAVING count(*) > 1 OR x IS NULL)
SELECT CAST(a AS varchar) AS a, CAST(b AS bigint) AS b FROM (VALUES ('users', 500), ('audit', NULL)) AS t(a, b) WHERE 1 = 1
SELECT CAST(a AS varchar) AS a, CAST(b AS bigint) AS b FROM (VALUES ('users', NULL)) AS t(a, b) WHERE 'e20261121' IS NULL
SELECT date(x) AS day, count(*) AS orders, sum(y) AS sales, CAST(avg(y) AS decimal(12, 2)) AS average FROM (VALUES (TIMESTAMP '2026-11-21 17:05:12', 1.25), (TIMESTAMP '2026-11-21 01:00:00', 2.50)) AS t(x, y) WHERE x > DATE '2026-11-01' GROUP BY date(x)
-- combinations
SELECT 1 = 1 = true
SELECT x, sum(y) FROM (VALUES ('a', 1)) AS t(x, y) GROUP BY 1 ORDER BY sum(y) DESC
SELECT x AS y, y AS x FROM (VALUES (1, 2)) AS t(x, y) ORDER BY x
SELECT x + 1 AS x FROM (VALUES 1, 2) AS t(x) GROUP BY x
SELECT lower(x) AS x, count(*) FROM (VALUES 'A', 'a') AS t(x) GROUP BY x ORDER BY x
SELECT lower(x) AS x, count(*) FROM (VALUES 'A', 'a') AS t(x) GROUP BY lower(x)
SELECT max(x) AS x FROM (VALUES 1, 2) AS t(x) HAVING max(x) > 1
SELECT t.x FROM (VALUES 1) AS t(x) WHERE t.x = 1 AND T.X < 2
SELECT "x" FROM (VALUES 1) AS t(X)
SELECT sum(x) FROM (VALUES 0.1e0, 0.2e0, 0.3e0) AS t(x)
SELECT avg(x) FROM (VALUES 9223372036854775807, 9223372036854775806) AS t(x)
SELECT sum(x) FROM (VALUES CAST('99999999999999999999999999999999999999' AS decimal(38,0)), 1) AS t(x)
SELECT avg(x) FROM (VALUES CAST('99999999999999999999999999999999999999' AS decimal(38,0)), 1) AS t(x)
SELECT count(*) FROM (VALUES 1, 2) AS t(x) WHERE NOT (x > 1 OR NULL)
SELECT 1 FROM (VALUES 1) AS t(x) WHERE x NOT IN (SELECT NULL)
SELECT count(*) OVER (PARTITION BY x ORDER BY y DESC NULLS LAST) FROM (VALUES (1, 2)) AS t(x, y)
SELECT CAST(1.5 AS varchar) || 'x', CAST(NULL AS varchar) || 'x'
SELECT CASE WHEN x = 1 THEN 'one' WHEN x = 2 THEN 'two' ELSE CAST(x AS varchar) END FROM (VALUES 1, 2, 3) AS t(x)
SELECT sum(CASE WHEN x > 1 THEN 1 ELSE 0 END), sum(CASE WHEN x > 1 THEN y END) FROM (VALUES (1, 1.5), (2, 2.5)) AS t(x, y)
SELECT sum(x) * 100.0 / sum(sum(x)) OVER () FROM (VALUES 1, 2) AS t(x) GROUP BY x
SELECT x, avg(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1.00, 2.01, 4.05) AS t(x) ORDER BY 1
SELECT CAST(sum(x) AS double) / count(*) FROM (VALUES 1, 2) AS t(x)
SELECT coalesce(sum(x), 0) FROM (VALUES 1.5) AS t(x) WHERE false
SELECT min(x) FROM (VALUES 1, 2.5) AS t(x)
SELECT (SELECT avg(y) FROM (VALUES 1.5, 2.0) AS u(y)) * x FROM (VALUES 2) AS t(x)
SELECT x BETWEEN 1 AND 2 AND y FROM (VALUES (1, true)) AS t(x, y)
SELECT - x / 2, -(x) FROM (VALUES 7) AS t(x)
SELECT 5 - - 3, 2 * -3
SELECT TIMESTAMP '2026-11-21 00:00:00' = DATE '2026-11-21'
SELECT x = y FROM (VALUES (TIMESTAMP '2026-11-21 00:00:00.000', DATE '2026-11-21')) AS t(x, y)
SELECT DATE '2026-11-21' IN (TIMESTAMP '2026-11-21 00:00:00')
SELECT now() BETWEEN TIMESTAMP '2020-01-01 00:00:00' AND TIMESTAMP '2099-01-01 00:00:00'
SELECT now() BETWEEN DATE '2020-01-01' AND current_timestamp
SELECT coalesce(CAST(NULL AS timestamp(3)), current_timestamp) IS NOT NULL
SELECT max(now()) > DATE '2020-01-01'
SELECT count(*) FROM (VALUES 1) AS a(x) JOIN (VALUES 1e0) AS b(y) ON x = y
SELECT a.x FROM (VALUES 1.50) AS a(x) JOIN (VALUES 1.5) AS b(y) ON a.x = b.y
SELECT 1 IN (VALUES 1, 2)
SELECT x IN (SELECT y FROM (VALUES 1.0) AS u(y) WHERE y = x) FROM (VALUES 1, 2) AS t(x)
SELECT EXISTS (SELECT y FROM (VALUES 1) AS u(y) WHERE y = x AND y / x > 0) FROM (VALUES 1, 2) AS t(x)
SELECT substr(x, length(x) - 1) FROM (VALUES 'hello') AS t(x)
SELECT substr(upper(x) || '-' || lower(x), 2, 4) FROM (VALUES 'Ab') AS t(x)
SELECT regexp_replace(x, '[0-9]+', '') FROM (VALUES 'a1b22', '') AS t(x)
SELECT CAST(x AS bigint) / 2, CAST(x AS double) / 2 FROM (VALUES '7') AS t(x)
SELECT try(CAST(x AS integer) / y) FROM (VALUES ('7', 2), ('x', 1), ('1', 0)) AS t(x, y) ORDER BY 1
SELECT abs(x - y) FROM (VALUES (1.5, 2.25)) AS t(x, y)
SELECT sum(x) FROM (SELECT 1 AS x UNION ALL SELECT 2.5) AS t
SELECT c FROM (SELECT 1 AS c UNION SELECT NULL) AS t ORDER BY c
SELECT * FROM (SELECT NULL AS c UNION ALL SELECT 1.5) AS t ORDER BY 1
SELECT x, row_number() OVER (PARTITION BY CAST(x AS varchar) ORDER BY x / 2.0) FROM (VALUES 1, 2) AS t(x) ORDER BY x
SELECT count(DISTINCT CAST(x AS varchar)), count(DISTINCT x / 2) FROM (VALUES 1, 2) AS t(x)
SELECT first_value(x) OVER (ORDER BY x) + 0.5 FROM (VALUES 1) AS t(x)
SELECT lag(x, 0) OVER (ORDER BY x), lead(x, 1, x) OVER (ORDER BY x) FROM (VALUES 1.5) AS t(x)
SELECT bool_and(x > 1), bool_or(x IS NULL) FROM (VALUES 1, 2) AS t(x)
SELECT year(x) * 100 + month(x) FROM (VALUES DATE '2026-11-21') AS t(x) GROUP BY year(x) * 100 + month(x)
SELECT date(x), count(*) FROM (VALUES TIMESTAMP '2026-11-21 17:05:12') AS t(x) GROUP BY 1
SELECT nullif(x, 0), 1 / nullif(x, 0), 1.0 / nullif(x, 0) FROM (VALUES 0, 2) AS t(x) ORDER BY 1
SELECT 10 / nullif(x, 0.0) FROM (VALUES 4.00) AS t(x)
SELECT x.y FROM (VALUES 1) AS x(y)
SELECT count(*) filter (where x = 1) * 100.0 / count(*) FROM (VALUES 1, 2, 3) AS t(x)
SELECT 'a' 'b'
SELECT 1 AS "select", 2 AS "a b" ORDER BY "a b"
SELECT X'61' LIKE 'a'
SELECT sha256(to_utf8(x)) = X'00' FROM (VALUES 'a') AS t(x)
SELECT * FROM (SELECT 1 AS a, 'x' AS a) AS t
SELECT a FROM (SELECT 1 AS a, 'x' AS a) AS t
SELECT max(x) FROM (VALUES CAST(1.5 AS real)) AS t(x)
SELECT max(x + 1e0) OVER (PARTITION BY x), min(x) OVER () FROM (VALUES 1e0, 2e0) AS t(x)
SELECT count(x) OVER (ORDER BY x RANGE UNBOUNDED PRECEDING) FROM (VALUES 1, NULL) AS t(x)
SELECT true > false AND 'b' > 'a'
SELECT 1 < 2 OR 'x' = 1
SELECT 1e400, 1e-400
SELECT 1.5e, 2
SELECT 100 % 7.5, 100 % 7e0, -7 % 2.5e0
SELECT CAST(5 AS tinyint) / 2.0, 5 / CAST(2 AS smallint)
SELECT x FROM (VALUES 3, 1, 2) AS t(x) ORDER BY CASE WHEN x = 2 THEN 0 ELSE 1 END, x
SELECT x AS a FROM (VALUES 3, 1, 2) AS t(x) ORDER BY CASE WHEN a = 2 THEN 0 ELSE 1 END, a
SELECT DISTINCT CASE WHEN x = 1 THEN 'a' ELSE 'b' END AS k FROM (VALUES 1, 2, 3) AS t(x) ORDER BY k
SELECT DISTINCT t.x FROM (VALUES 2, 1) AS t(x) ORDER BY x
SELECT x FROM (VALUES 1, 2) AS t(x) UNION SELECT 2 ORDER BY x DESC
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT a.x, b.x FROM a JOIN b ON a.x < b.x
SELECT count(*) FROM (VALUES 1, 2) AS t(x) LEFT JOIN (VALUES 1) AS u(y) ON x = y AND y > 0.5 WHERE y IS NULL
SELECT * FROM (VALUES 1) AS t(x) LEFT JOIN (VALUES 1e0) AS u(x) USING (x)
WITH unused AS (SELECT x FROM (VALUES 1) AS t(x) WHERE x = 1 AND x / 2 > 0) SELECT 1
SELECT max(DISTINCT x), max(x ORDER BY x), min(DISTINCT x) FROM (VALUES 1e0, 2e0) AS t(x)
SELECT max ( x ) FILTER ( WHERE x < 2 ), avg ( x ), concat ( 'a' , 'b' ), date ( '2026-11-21' ) FROM (VALUES 1e0, 2e0) AS t(x)
SELECT avg(DISTINCT y), sum(DISTINCT y), count_if(y > 1 AND x) FROM (VALUES (true, 1.50), (true, 1.50), (false, 2.25)) AS t(x, y)
SELECT sum(*) FROM (VALUES 1) AS t(x)
-- round
SELECT round(1.5), round(2.5), round(-2.5), round(0.49), round(-0.5), round(9.99)
SELECT round(1.005, 2), round(-1.005, 2), round(9.99, 1), round(9.995, 2), round(1.5, 5), round(0.4, 0)
SELECT round(CAST('99.99' AS decimal(4,2)), 1), round(CAST('99.99' AS decimal(4,2))), round(CAST('0.55' AS decimal(2,2)), 1)
SELECT round(CAST('12345678901234567890.12345' AS decimal(38,5)), 3), round(CAST('0.99' AS decimal(2,2)))
SELECT round(2.5e0), round(-2.5e0), round(0.49999999999999994e0), round(1e20), round(-1e300), round(nan()), round(1e0/0e0)
SELECT round(1.005e0, 2), round(2.675e0, 2), round(-2.675e0, 2), round(123456.785e0, 2), round(1e15+0.3e0, 1), round(0.1e0, 20)
SELECT round(CAST(2.5 AS real)), round(CAST(-0.35 AS real), 1), round(CAST(16777216 AS real), 2)
SELECT round(7), round(CAST(-7 AS bigint)), round(CAST(7 AS smallint)), round(7, 2), round(CAST(127 AS tinyint), 0)
SELECT round(x), round(x, 1) FROM (VALUES 1.25, 1.35, -1.25, NULL) AS t(x)
SELECT round(avg(x), 2), round(sum(x) / count(*), 3) FROM (VALUES 10.10, 20.25, 3.00) AS t(x)
SELECT round(15, -1), round(15.5, -1), round(15.5e0, -1)
SELECT round(x, n) FROM (VALUES (1.25, 1)) AS t(x, n)
SELECT round('1.5')
SELECT round(NULL)
SELECT round(1.5, 1.0)
-- what DuckDB's parser or its SQL text changes
SELECT NOT CAST('NaN' AS double) <= 1e0, NOT (NOT CAST('NaN' AS double) > 1e0), NOT CAST('NaN' AS double) = CAST('NaN' AS double)
SELECT * FROM (VALUES 1) AS a(x) CROSS JOIN (VALUES 2) AS b(y) LEFT JOIN (VALUES 1) AS c(z) ON c.z = a.x
SELECT * FROM (VALUES 1) AS a(x), (VALUES 1, 2) AS b(y) JOIN (VALUES 2) AS c(y) USING (y)
SELECT * FROM (VALUES 1) AS a(x) LEFT JOIN ((VALUES 1) AS b(y) JOIN (VALUES 2) AS c(z) ON b.y < c.z) ON a.x = b.y
SELECT x + 1 AS x FROM (VALUES 1, 5) AS t(x) WHERE x > 1 ORDER BY x
SELECT x + 1 AS y, -x AS x FROM (VALUES 1, 5) AS t(x) ORDER BY x + 0
SELECT x AS y, count(*) AS x FROM (VALUES 1, 5) AS t(x) GROUP BY x HAVING x > 1
SELECT 1 name, 2 day, 3 "type", 4 value FROM (VALUES 1) status
SELECT 1 UNION ALL SELECT 1.5 UNION ALL SELECT 2e0 ORDER BY 1
SELECT a FROM (SELECT 1 AS a UNION SELECT 2.5) ORDER BY a
SELECT 1e400, 0.1e1, 1e-400, -1e0
SELECT (SELECT x FROM (VALUES 1) AS u(y)) FROM (VALUES 7) AS t(x)
SELECT x IN (SELECT 1.0) FROM (VALUES 1) AS t(x)
SELECT if(1 = 1, 1, 2e0), coalesce(NULL, 1, 2.5), CASE 1 WHEN 1.0 THEN 'a' END
SELECT sum(x) OVER w FROM (VALUES 1, 2) AS t(x) WINDOW w AS (ORDER BY x) ORDER BY 1
SELECT 5 %-2, 'a' ||'b', 2 *-1
