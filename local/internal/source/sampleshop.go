package source

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// These are the numbers of rows on day 0, and the numbers of users, orders and gift cards that are added every day.
const (
	firstUsers  = 500
	newUsers    = 12
	products    = 240
	firstOrders = 1000
	newOrders   = 40
	reviews     = 400
	flashSales  = 24
	firstCards  = 60 // on day giftCardsFrom
	newCards    = 15
)

// giftCardsFrom is the first day with gift cards, and flashSalesUntil is the last day with flash sales.
const (
	giftCardsFrom   = 1
	flashSalesUntil = 1
)

// opened returns the time at which the shop opened, which is also the time of the first order.
func opened() time.Time { return time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC) }

// shop returns the tables of the shop as they are on the given day. The first day is day 0. All values are derived from the day and the row
// numbers, so a day always has the same data.
func shop(day int) []sampleTable {
	users, orders := firstUsers+day*newUsers, firstOrders+day*newOrders
	tables := []sampleTable{
		campaigns(day),
		everyType(),
		{"CATEGORY_MASTER", "CATEGORY_CD char(4), CATEGORY_NAME varchar(50), PARENT_CD char(4), SORT_ORDER smallint",
			rows(len(categories()), categoryRow)},
		{"coupons", "code varchar(32), discount decimal(5,2), expires_on date", nil},
		{"users", "id int unsigned, name varchar(100), email varchar(255), prefecture varchar(20), birthday date, plan enum(8), " +
			"newsletter tinyint, points int, created_at datetime, last_login_at timestamp, password_hash char(64)",
			rows(users, func(i int) []any { return userRow(i, day) })},
		{"products", "id int unsigned, category_cd char(4), name varchar(200), price decimal(10,2), weight_kg float, stock mediumint, " +
			"labels set(9), attributes json, description text, released_on date",
			rows(products, func(i int) []any { return productRow(i, day) })},
		{"orders", "id bigint unsigned, user_id int unsigned, status varchar(20), total decimal(12,2), note varchar(255), " +
			"ordered_at datetime(6), shipped_at datetime",
			rows(orders, func(i int) []any { return orderRow(i, users, orders) })},
		{"order_items", "order_id bigint unsigned, line_no tinyint unsigned, product_id int unsigned, quantity smallint unsigned, " +
			"unit_price decimal(10,2)", rows(orders*2, itemRow)},
		{"reviews", "id int, product_id int unsigned, user_id int unsigned, rating tinyint unsigned, title varchar(100), body text, " +
			"posted_at timestamp", rows(reviews, reviewRow)},
	}
	if day >= giftCardsFrom {
		tables = append(tables, giftCards(day))
	}
	if day <= flashSalesUntil {
		tables = append(tables, flashSalesTable())
	}
	return tables
}

// rows returns the rows with the indexes 0 to n-1. rowAt returns nil to omit a row.
func rows(n int, rowAt func(i int) []any) [][]any {
	var all [][]any
	for i := range n {
		if row := rowAt(i); row != nil {
			all = append(all, row)
		}
	}
	return all
}

// campaigns returns a table whose columns change. On day 1, a column is added. On day 2, a column is dropped, another is added, and the type
// of a third is widened.
func campaigns(day int) sampleTable {
	columns, values := "id int, name varchar(50), budget int, memo varchar(100)", []any{150000, "担当: 田中"}
	switch {
	case day == 1:
		columns, values = columns+", discount_rate decimal(5,2)", append(values, "12.50")
	case day >= 2:
		columns, values = "id int, name varchar(50), budget bigint, discount_rate decimal(5,2), channel varchar(20)",
			[]any{int64(3000000000), "12.50", "LINE"}
	}
	names := []string{"秋の感謝祭", "ブラックフライデー", "年末大セール"}
	return sampleTable{"campaigns", columns, rows(len(names), func(i int) []any { return append([]any{i + 1, names[i]}, values...) })}
}

// giftCards returns a table that first exists on day giftCardsFrom. The balances decrease every day.
func giftCards(day int) sampleTable {
	cards := firstCards + (day-giftCardsFrom)*newCards
	return sampleTable{"gift_cards", "code char(12), user_id int unsigned, amount int, balance int, message varchar(100), sold_at datetime, " +
		"expires_on date", rows(cards, func(i int) []any { return giftCardRow(i, day) })}
}

func giftCardRow(i, day int) []any {
	messages := []string{"お誕生日おめでとう🎂", "いつもありがとう", "ご結婚おめでとうございます", "ほんの気持ちです"}
	var user, message, expires any
	if i%3 != 0 {
		user, message = i*41%firstUsers+1, messages[i%len(messages)]
	}
	if i%5 != 0 {
		expires = opened().AddDate(1, i%12, 0).Format(time.DateOnly)
	}
	amount := []int{3000, 5000, 10000}[i%3]
	return []any{fmt.Sprintf("GC%04d-%05d", i+1, i*7919%100000), user, amount, max(0, amount-i%7*day*300), message,
		moment(opened().Add(time.Duration(i) * 13 * time.Hour)), expires}
}

// flashSalesTable returns a table that exists until day flashSalesUntil.
func flashSalesTable() sampleTable {
	names := []string{"タイムセール", "朝市", "在庫一掃", "夜得"}
	return sampleTable{"flash_sales", "id int, name varchar(50), product_id int unsigned, percent_off tinyint unsigned, begins_at datetime, " +
		"ends_at datetime", rows(flashSales, func(i int) []any {
		begins := opened().AddDate(0, 0, i).Add(9 * time.Hour)
		return []any{i + 1, names[i%len(names)], i*29%products + 1, 10 + i%4*10, moment(begins), moment(begins.Add(3 * time.Hour))}
	})}
}

func categories() []string {
	return []string{"食品", "飲料", "書籍", "文房具", "家電", "衣料", "玩具", "日用品"}
}

func categoryRow(i int) []any {
	var parent any
	if i >= 2 {
		parent = fmt.Sprintf("C%03d", i/2)
	}
	return []any{fmt.Sprintf("C%03d", i+1), categories()[i], parent, i * 10}
}

// userRow returns the row of a user. Every day, some users log in, which changes their rows. Every 97th user is deleted, one per day.
func userRow(i, day int) []any {
	if i%97 == 96 && day > i/97 {
		return nil
	}
	family := []string{"佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "髙橋", "斎藤"}
	given := []string{"翔太", "美咲", "健一", "さくら", "大輔", "陽子", "蓮", "結衣", "悠真", "O'Brien"}
	prefectures := []string{"東京都", "大阪府", "北海道", "福岡県", "愛知県", "沖縄県", "京都府"}
	var prefecture, birthday, login any
	if i%9 != 0 {
		prefecture = prefectures[i%len(prefectures)]
	}
	if i%5 != 0 {
		birthday = time.Date(1950+i*7%58, time.Month(1+i%12), 1+i%28, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	points := i * 37 % 5000
	if i%4 != 3 {
		login = moment(opened().Add(time.Duration(i*53) * time.Minute))
		for n := i % 11; n <= day; n += 11 {
			login = moment(opened().AddDate(0, 0, 60+n))
			points += 100 * (n + 1)
		}
	}
	plan := []string{"free", "free", "standard", "premium"}[i%4]
	name, password := family[i%len(family)]+" "+given[i*3%len(given)], sha256.Sum256(fmt.Appendf(nil, "secret %d", i+1))
	return []any{i + 1, name, fmt.Sprintf("user%04d@example.jp", i+1), prefecture, birthday, plan, i % 2, points,
		moment(opened().AddDate(-1, 0, i%365)), login, fmt.Sprintf("%x", password)}
}

// productRow returns the row of a product. The price rises once, by 3%, and the stock falls every day.
func productRow(i, day int) []any {
	kinds := []string{"緑茶", "コーヒー豆", "文庫本", "万年筆", "炊飯器", "Tシャツ", "積み木", "タオル"}
	cents := price(i)
	if day > i%7 {
		cents = cents * 103 / 100
	}
	var weight, attributes, description, released any
	if i%6 != 0 {
		weight = float32(i%40)*0.25 + 0.05
	}
	if i%3 != 0 {
		attributes = fmt.Sprintf(`{"size": %d, "color": "%s"}`, i%5, []string{"赤", "青", "白"}[i%3]) // MySQL sorts keys by length
	}
	if i%4 != 0 {
		description = strings.Repeat("丁寧に作られた"+kinds[i%len(kinds)]+"です。\n", 1+i%3)
	}
	if i%8 != 0 {
		released = opened().AddDate(0, -i%30, 0).Format(time.DateOnly)
	}
	labels := []string{"", "新着", "限定,セール", "新着,限定"}[i%4]
	return []any{i + 1, fmt.Sprintf("C%03d", i%len(categories())+1), fmt.Sprintf("%s %d号", kinds[i%len(kinds)], i+1), decimal(cents), weight,
		max(0, i*17%900-day*3), labels, attributes, description, released}
}

// price returns the price of a product on day 0, in hundredths of the currency unit.
func price(product int) int { return 98000 + product*1999%450000 }

// orderRow returns the row of an order. The newest orders are pending; the others are shipped or cancelled.
func orderRow(i, users, orders int) []any {
	at := opened().Add(time.Duration(i)*47*time.Minute + time.Duration(i*7919%1000000)*time.Microsecond)
	status, shipped, note := "shipped", any(moment(at.Add(26*time.Hour))), any(nil)
	switch age := orders - i; {
	case age <= 30:
		status, shipped = "pending", nil
	case i%50 == 7:
		status, shipped = "cancelled", nil
	}
	if i%10 == 0 {
		note = "置き配希望🚚"
	}
	total := price(i%products)*(1+i%3) + price(i*13%products)*(1+i%2)
	return []any{i + 1, i*31%users + 1, status, decimal(total), note, at.Format("2006-01-02 15:04:05.000000"), shipped}
}

// itemRow returns the row of one of the two items in an order. The prices of the two items add up to the total in orderRow.
func itemRow(i int) []any {
	order, line := i/2, i%2
	product, quantity := order%products, 1+order%3
	if line == 1 {
		product, quantity = order*13%products, 1+order%2
	}
	return []any{order + 1, line + 1, product + 1, quantity, decimal(price(product))}
}

func reviewRow(i int) []any {
	var user, title any // NULL in an anonymous review
	if i%7 != 0 {
		user = i*5%firstUsers + 1
	}
	if i%3 != 0 {
		title = []string{"大満足", "普通です", "もう一度買います"}[i%3]
	}
	body := []string{"とても良い品でした。👍", "配送が早かった。", "思ったより小さい\nですが、使えます。", "It's \"fine\"."}[i%4]
	return []any{i + 1, i*11%products + 1, user, 1 + i%5, title, body, moment(opened().Add(time.Duration(i) * 97 * time.Minute))}
}

// decimal returns an amount in hundredths as a decimal number.
func decimal(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

func moment(t time.Time) string { return t.Format(time.DateTime) }
