-- The tables that the sample shop has on every day. sampleshop.go creates the tables that appear, disappear or change.

CREATE TABLE `users` (
  `id` INT UNSIGNED NOT NULL PRIMARY KEY,
  `name` VARCHAR(100) NOT NULL,
  `email` VARCHAR(255) NOT NULL,
  `prefecture` VARCHAR(20),
  `birthday` DATE,
  `plan` ENUM('free', 'standard', 'premium') NOT NULL,
  `newsletter` TINYINT(1) NOT NULL,
  `points` INT NOT NULL,
  `created_at` DATETIME NOT NULL,
  `last_login_at` TIMESTAMP NULL,
  `password_hash` CHAR(64) NOT NULL
);

CREATE TABLE `CATEGORY_MASTER` (
  `CATEGORY_CD` CHAR(4) NOT NULL PRIMARY KEY,
  `CATEGORY_NAME` VARCHAR(50) NOT NULL,
  `PARENT_CD` CHAR(4),
  `SORT_ORDER` SMALLINT NOT NULL
);

CREATE TABLE `products` (
  `id` INT UNSIGNED NOT NULL PRIMARY KEY,
  `category_cd` CHAR(4) NOT NULL,
  `name` VARCHAR(200) NOT NULL,
  `price` DECIMAL(10,2) NOT NULL,
  `weight_kg` FLOAT,
  `stock` MEDIUMINT NOT NULL,
  `labels` SET('新着', '限定', 'セール') NOT NULL,
  `attributes` JSON,
  `description` TEXT,
  `released_on` DATE
);

CREATE TABLE `orders` (
  `id` BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  `user_id` INT UNSIGNED NOT NULL,
  `status` VARCHAR(20) NOT NULL,
  `total` DECIMAL(12,2) NOT NULL,
  `note` VARCHAR(255),
  `ordered_at` DATETIME(6) NOT NULL,
  `shipped_at` DATETIME
);

CREATE TABLE `order_items` (
  `order_id` BIGINT UNSIGNED NOT NULL,
  `line_no` TINYINT UNSIGNED NOT NULL,
  `product_id` INT UNSIGNED NOT NULL,
  `quantity` SMALLINT UNSIGNED NOT NULL,
  `unit_price` DECIMAL(10,2) NOT NULL,
  PRIMARY KEY (`order_id`, `line_no`)
);

CREATE TABLE `reviews` (
  `id` INT NOT NULL PRIMARY KEY,
  `product_id` INT UNSIGNED NOT NULL,
  `user_id` INT UNSIGNED,
  `rating` TINYINT UNSIGNED NOT NULL,
  `title` VARCHAR(100),
  `body` TEXT NOT NULL,
  `posted_at` TIMESTAMP NOT NULL
);

CREATE TABLE `coupons` (
  `code` VARCHAR(32) NOT NULL PRIMARY KEY,
  `discount` DECIMAL(5,2) NOT NULL,
  `expires_on` DATE
);

-- This table has a column of each type that RDS exports, with the largest values, the smallest values, zeros and NULLs.

CREATE TABLE `every_type` (
  `id` INT NOT NULL PRIMARY KEY,
  `c_tinyint` TINYINT,
  `c_tinyint_unsigned` TINYINT UNSIGNED,
  `c_smallint` SMALLINT,
  `c_smallint_unsigned` SMALLINT UNSIGNED,
  `c_mediumint` MEDIUMINT,
  `c_mediumint_unsigned` MEDIUMINT UNSIGNED,
  `c_int` INT,
  `c_int_unsigned` INT UNSIGNED,
  `c_bigint` BIGINT,
  `c_bigint_unsigned` BIGINT UNSIGNED,
  `c_decimal_9_2` DECIMAL(9,2),
  `c_decimal_18_4` DECIMAL(18,4),
  `c_decimal_38_10` DECIMAL(38,10),
  `c_decimal_65_30` DECIMAL(65,30),
  `c_float` FLOAT,
  `c_double` DOUBLE,
  `c_bit_1` BIT(1),
  `c_bit_64` BIT(64),
  `c_year` YEAR,
  `c_date` DATE,
  `c_time` TIME(6),
  `c_datetime` DATETIME,
  `c_datetime_6` DATETIME(6),
  `c_timestamp` TIMESTAMP NULL,
  `c_char` CHAR(10),
  `c_varchar` VARCHAR(50),
  `c_tinytext` TINYTEXT,
  `c_text` TEXT,
  `c_mediumtext` MEDIUMTEXT,
  `c_longtext` LONGTEXT,
  `c_enum` ENUM('小', '中', '大'),
  `c_set` SET('a', 'b', 'c'),
  `c_json` JSON,
  `c_binary` BINARY(4),
  `c_varbinary` VARBINARY(8),
  `c_tinyblob` TINYBLOB,
  `c_blob` BLOB,
  `c_mediumblob` MEDIUMBLOB,
  `c_longblob` LONGBLOB,
  `c_geometry` GEOMETRY,
  `c_point` POINT,
  `c_linestring` LINESTRING,
  `c_polygon` POLYGON,
  `c_multipoint` MULTIPOINT,
  `c_multilinestring` MULTILINESTRING,
  `c_multipolygon` MULTIPOLYGON,
  `c_geometrycollection` GEOMETRYCOLLECTION
);

INSERT INTO `every_type` VALUES (1,
  127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615,
  9999999.99, 99999999999999.9999, 9999999999999999999999999999.9999999999,
  99999999999999999999999999999999999.999999999999999999999999999999,
  1.5, 2.5e300, b'1', b'1111111111111111111111111111111111111111111111111111111111111111', 2155,
  '9999-12-31', '838:59:59', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07',
  '十文字の文字列です。', '髙島屋🎌', '小さい', '改行\nと"引用"', '中くらい', '長い', '大', 'a,b,c', '{"色": ["赤", null], "数": 1.5}',
  0x00FF80FE, 0xDEADBEEF, 0x01, 0x0002, 0x000003, 0xFFFFFFFF,
  ST_GeomFromText('POINT(139.7671 35.6812)'), ST_GeomFromText('POINT(139.7671 35.6812)'),
  ST_GeomFromText('LINESTRING(0 0,1 1)'), ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'), ST_GeomFromText('MULTIPOINT(0 0,1 1)'),
  ST_GeomFromText('MULTILINESTRING((0 0,1 1))'), ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))'),
  ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))'));

INSERT INTO `every_type` VALUES (2,
  -128, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0,
  -9999999.99, -99999999999999.9999, -9999999999999999999999999999.9999999999,
  -99999999999999999999999999999999999.999999999999999999999999999999,
  -1.5, -2.5e-300, b'0', b'1', 1901,
  '1000-01-01', '-838:59:59', '1000-01-01 00:00:00', '1969-12-31 23:59:59.999999', '1970-01-01 00:00:01',
  '', '', '', '', '', '', '小', '', '[]',
  0x00000000, '', '', '', '', '',
  ST_GeomFromText('POINT(-1 -1)'), ST_GeomFromText('POINT(-1 -1)'),
  ST_GeomFromText('LINESTRING(0 0,-1 -1)'), ST_GeomFromText('POLYGON((0 0,-1 0,-1 -1,0 0))'), ST_GeomFromText('MULTIPOINT(0 0)'),
  ST_GeomFromText('MULTILINESTRING((0 0,-1 -1))'), ST_GeomFromText('MULTIPOLYGON(((0 0,-1 0,-1 -1,0 0)))'),
  ST_GeomFromText('GEOMETRYCOLLECTION(POINT(0 0))'));

INSERT INTO `every_type` (`id`, `c_year`, `c_date`, `c_datetime`, `c_datetime_6`, `c_timestamp`) VALUES (3,
  0, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00');

INSERT INTO `every_type` (`id`) VALUES (4);
