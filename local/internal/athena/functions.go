package athena

import (
	"slices"
	"strings"
)

// AthenaFunctions are the names of the functions that Athena engine version 3 has, sorted: those of Trino, which its guide refers
// to ("Athena engine version 3 functions"; Trino's documentation, "List of functions and operators"), and invoker_principal.
// Athena does not say which release of Trino it is at, so the newest of them may not be there yet.
var AthenaFunctions = slices.Sorted(slices.Values(append(strings.Fields(here), lacking...)))

// here are the functions that the local AWS has.
const here = `
	abs acos all_match any_match any_value approx_distinct approx_percentile arbitrary array_agg array_distinct array_except
	array_intersect array_join array_max array_min array_position array_remove array_sort array_union arrays_overlap asin atan
	atan2 avg bit_count bitwise_and bitwise_and_agg bitwise_left_shift bitwise_not bitwise_or bitwise_or_agg bitwise_right_shift
	bitwise_xor bool_and bool_or cardinality cbrt ceil ceiling chr coalesce codepoint concat concat_ws contains corr cos cosh
	count count_if covar_pop covar_samp crc32 cume_dist date date_add date_diff date_format date_parse date_trunc day day_of_month
	day_of_week day_of_year degrees dense_rank dow doy e element_at every exp extract filter first_value flatten floor
	format_datetime from_base from_base64 from_base64url from_big_endian_64 from_hex from_iso8601_date from_iso8601_timestamp
	from_unixtime from_utf8 geometric_mean greatest grouping hamming_distance histogram hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512
	hour if infinity is_finite is_infinite is_nan json_array_length json_extract json_extract_scalar json_format json_parse
	json_size lag last_day_of_month last_value lead least length levenshtein_distance listagg ln log log10 log2 lower lpad ltrim
	map map_concat map_entries map_from_entries map_keys map_values max max_by md5 millisecond min min_by minute mod month nan
	none_match now nth_value ntile nullif percent_rank pi position pow power quarter radians rand random rank regexp_count
	regexp_extract regexp_extract_all regexp_like regexp_replace regexp_split regr_intercept regr_slope repeat replace reverse
	round row_number rpad rtrim second sequence sha1 sha256 sha512 sign sin sinh slice split split_part sqrt starts_with stddev
	stddev_pop stddev_samp strpos substr substring sum tan tanh to_base to_base64 to_base64url to_big_endian_64 to_hex to_iso8601
	to_unixtime to_utf8 transform translate trim trim_array truncate try typeof upper url_decode url_encode url_extract_fragment
	url_extract_host url_extract_parameter url_extract_path url_extract_port url_extract_protocol url_extract_query uuid var_pop
	var_samp variance week week_of_year year year_of_week yow zip
`

// lacking are the functions that the local AWS does not have: it refuses them by name.
var lacking = strings.Fields(`
	approx_most_frequent approx_set array_first array_histogram array_last at_timezone bar beta_cdf bing_tile bing_tile_at
	bing_tile_coordinates bing_tile_polygon bing_tile_quadkey bing_tile_zoom_level bing_tiles_around
	bitwise_right_shift_arithmetic char2hexint checksum classify color combinations contains_sequence convex_hull_agg
	cosine_distance cosine_similarity current_groups current_timezone empty_approx_set evaluate_classifier_predictions features
	format format_number from_base32 from_big_endian_32 from_encoded_polyline from_geojson_geometry from_ieee754_32
	from_ieee754_64 from_iso8601_timestamp_nanos from_unixtime_nanos geometry_from_hadoop_shape geometry_invalid_reason
	geometry_nearest_points geometry_to_bing_tiles geometry_union geometry_union_agg great_circle_distance hash_counts
	human_readable_seconds index intersection_cardinality inverse_beta_cdf inverse_normal_cdf invoker_principal is_json_scalar
	jaccard_index json_array_contains json_array_get kurtosis learn_classifier learn_libsvm_classifier learn_libsvm_regressor
	learn_regressor line_interpolate_point line_interpolate_points line_locate_point luhn_check make_set_digest map_agg map_filter
	map_union map_zip_with merge merge_set_digest multimap_agg multimap_from_entries murmur3 ngrams normal_cdf normalize
	numeric_histogram objectid objectid_timestamp parse_data_size parse_datetime parse_duration qdigest_agg reduce reduce_agg
	regexp_position regress render rgb shuffle simplify_geometry skewness soundex spatial_partitioning spatial_partitions
	split_to_map split_to_multimap spooky_hash_v2_32 spooky_hash_v2_64 st_area st_asbinary st_astext st_boundary st_buffer
	st_centroid st_contains st_convexhull st_coorddim st_crosses st_difference st_dimension st_disjoint st_distance st_endpoint
	st_envelope st_envelopeaspts st_equals st_exteriorring st_geometries st_geometryfromtext st_geometryn st_geometrytype
	st_geomfrombinary st_interiorringn st_interiorrings st_intersection st_intersects st_isclosed st_isempty st_isring st_issimple
	st_isvalid st_length st_linefromtext st_linestring st_multipoint st_numgeometries st_numinteriorring st_numpoints st_overlaps
	st_point st_pointn st_points st_polygon st_relate st_startpoint st_symdifference st_touches st_union st_within st_x st_xmax
	st_xmin st_y st_ymax st_ymin tdigest_agg theta_sketch_cardinality theta_sketch_union timestamp_objectid timezone timezone_hour
	timezone_minute to_base32 to_big_endian_32 to_char to_date to_encoded_polyline to_geojson_geometry to_geometry to_ieee754_32
	to_ieee754_64 to_milliseconds to_spherical_geography to_timestamp transform_keys transform_values value_at_quantile
	values_at_quantiles version width_bucket wilson_interval_lower wilson_interval_upper with_timezone word_stem xxhash64 zip_with
`)
