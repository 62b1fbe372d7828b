package export

import "bytes"

// civil is a date and time as it is written, in which month and day may be zero.
type civil struct{ year, month, day, hour, minute, second, microsecond int }

// dateTime reads what MySQL prints of a DATETIME or TIMESTAMP: 2026-11-21 17:05:09, with up to six digits of a fraction. It takes a
// tenth of the time of time.Parse, and does not ask whether the month has such a day.
func dateTime(text []byte) (t civil, ok bool) {
	const layout = "0000-00-00 00:00:00"
	if len(text) < len(layout) || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' || text[16] != ':' {
		return civil{}, false
	}
	century, ok0 := twoDigits(text)
	year, ok1 := twoDigits(text[2:])
	month, ok2 := twoDigits(text[5:])
	day, ok3 := twoDigits(text[8:])
	hour, ok4 := twoDigits(text[11:])
	minute, ok5 := twoDigits(text[14:])
	second, ok6 := twoDigits(text[17:])
	microsecond, ok7 := fraction(text[len(layout):])
	if !(ok0 && ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || month > 12 || day > 31 || hour > 23 || minute > 59 || second > 59 {
		return civil{}, false
	}
	return civil{century*100 + year, month, day, hour, minute, second, microsecond}, true
}

func twoDigits(text []byte) (n int, ok bool) {
	tens, ones := text[0]-'0', text[1]-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}

// fraction reads a point and one to six digits as microseconds, or nothing.
func fraction(text []byte) (microseconds int, ok bool) {
	if len(text) == 0 {
		return 0, true
	}
	if text[0] != '.' || len(text) < 2 || len(text) > 7 {
		return 0, false
	}
	for i := range 6 {
		digit := byte(0)
		if i+1 < len(text) {
			if digit = text[i+1] - '0'; digit > 9 {
				return 0, false
			}
		}
		microseconds = microseconds*10 + int(digit)
	}
	return microseconds, true
}

// short reads a decimal as a number of its last digits, of which scale are behind the point. It is not ok where that may not fit into
// 64 bits, or is no number: there is time to find out then.
func short(text []byte, scale int) (n int64, ok bool) {
	digits, negative := bytes.CutPrefix(text, []byte("-"))
	whole, behind := len(digits), 0
	if point := bytes.IndexByte(digits, '.'); point >= 0 {
		whole, behind = point, len(digits)-point-1
	}
	if whole == 0 || behind > scale || whole+scale > 18 {
		return 0, false
	}
	for i, c := range digits {
		if i == whole {
			continue
		}
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	for range scale - behind {
		n *= 10
	}
	if negative {
		n = -n
	}
	return n, true
}

// blocks is room for values that are not their own text. They stay as they are, as long as somebody has them.
type blocks []byte

// take is room for n bytes.
func (b *blocks) take(n int) []byte {
	const block = 16 << 10
	if len(*b) < n {
		*b = make([]byte, max(n, block))
	}
	room := (*b)[:n:n]
	*b = (*b)[n:]
	return room
}
