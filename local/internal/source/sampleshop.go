package source

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
)

//go:embed sampleshop.sql
var shopSQL string

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

// shopStatements returns the statements that fill an empty database with the shop as it is on the given day. The first day is day 0. The
// data of a given day is always the same, since all values are derived from the day and the row numbers.
func shopStatements(day int) []string {
	var statements []string
	for _, s := range strings.Split(shopSQL, ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			statements = append(statements, s)
		}
	}
	users, orders := firstUsers+day*newUsers, firstOrders+day*newOrders
	statements = append(statements, campaignStatements(day)...)
	if day >= giftCardsFrom {
		statements = append(statements, giftCardStatements(day)...)
	}
	if day <= flashSalesUntil {
		statements = append(statements, flashSaleStatements()...)
	}
	statements = append(statements, insert("CATEGORY_MASTER", len(categories()), categoryRow)...)
	statements = append(statements, insert("users", users, func(i int) string { return userRow(i, day) })...)
	statements = append(statements, insert("products", products, func(i int) string { return productRow(i, day) })...)
	statements = append(statements, insert("orders", orders, func(i int) string { return orderRow(i, users, orders) })...)
	statements = append(statements, insert("order_items", orders*2, itemRow)...)
	statements = append(statements, insert("reviews", reviews, reviewRow)...)
	return statements
}

// insert returns INSERT statements with many rows each. rowAt returns the row with index i as "(value, ...)", or "" to omit it.
func insert(table string, rows int, rowAt func(i int) string) []string {
	const perStatement = 100
	var statements, values []string
	for i := range rows {
		if v := rowAt(i); v != "" {
			values = append(values, v)
		}
		if len(values) == perStatement || i == rows-1 && len(values) > 0 {
			statements = append(statements, "INSERT INTO `"+table+"` VALUES "+strings.Join(values, ","))
			values = nil
		}
	}
	return statements
}

// campaignStatements returns the statements for the table campaigns. Its columns change: on day 1, a column is added; on day 2, a column is
// dropped, another is added, and the type of a third is widened.
func campaignStatements(day int) []string {
	names := []string{"秋の感謝祭", "ブラックフライデー", "年末大セール"}
	columns, values := "`id` INT NOT NULL PRIMARY KEY, `name` VARCHAR(50), `budget` INT, `memo` VARCHAR(100)", "150000, '担当: 田中'"
	switch {
	case day == 1:
		columns += ", `discount_rate` DECIMAL(5,2)"
		values += ", 12.50"
	case day >= 2:
		columns = "`id` INT NOT NULL PRIMARY KEY, `name` VARCHAR(50), `budget` BIGINT, `discount_rate` DECIMAL(5,2), `channel` VARCHAR(20)"
		values = "3000000000, 12.50, 'LINE'"
	}
	statements := []string{"CREATE TABLE `campaigns` (" + columns + ")"}
	return append(statements, insert("campaigns", len(names), func(i int) string {
		return fmt.Sprintf("(%d, %s, %s)", i+1, text(names[i]), values)
	})...)
}

// giftCardStatements returns the statements for the table gift_cards, which first exists on day giftCardsFrom. The balances fall every day.
func giftCardStatements(day int) []string {
	cards := firstCards + (day-giftCardsFrom)*newCards
	statements := []string{"CREATE TABLE `gift_cards` (`code` CHAR(12) NOT NULL PRIMARY KEY, `user_id` INT UNSIGNED, `amount` INT NOT NULL, " +
		"`balance` INT NOT NULL, `message` VARCHAR(100), `sold_at` DATETIME NOT NULL, `expires_on` DATE)"}
	return append(statements, insert("gift_cards", cards, func(i int) string { return giftCardRow(i, day) })...)
}

func giftCardRow(i, day int) string {
	messages := []string{"お誕生日おめでとう🎂", "いつもありがとう", "ご結婚おめでとうございます", "ほんの気持ちです"}
	user, message, expires := "NULL", "NULL", "NULL"
	if i%3 != 0 {
		user = fmt.Sprint(i*41%firstUsers + 1)
		message = text(messages[i%len(messages)])
	}
	if i%5 != 0 {
		expires = text(opened().AddDate(1, i%12, 0).Format(time.DateOnly))
	}
	amount := []int{3000, 5000, 10000}[i%3]
	return fmt.Sprintf("('GC%04d-%05d', %s, %d, %d, %s, %s, %s)", i+1, i*7919%100000, user, amount, max(0, amount-i%7*day*300),
		message, moment(opened().Add(time.Duration(i)*13*time.Hour)), expires)
}

// flashSaleStatements returns the statements for the table flash_sales, which exists until day flashSalesUntil.
func flashSaleStatements() []string {
	names := []string{"タイムセール", "朝市", "在庫一掃", "夜得"}
	statements := []string{"CREATE TABLE `flash_sales` (`id` INT NOT NULL PRIMARY KEY, `name` VARCHAR(50) NOT NULL, " +
		"`product_id` INT UNSIGNED NOT NULL, `percent_off` TINYINT UNSIGNED NOT NULL, `begins_at` DATETIME NOT NULL, " +
		"`ends_at` DATETIME NOT NULL)"}
	return append(statements, insert("flash_sales", flashSales, func(i int) string {
		begins := opened().AddDate(0, 0, i).Add(9 * time.Hour)
		return fmt.Sprintf("(%d, %s, %d, %d, %s, %s)", i+1, text(names[i%len(names)]), i*29%products+1, 10+i%4*10,
			moment(begins), moment(begins.Add(3*time.Hour)))
	})...)
}

func categories() []string {
	return []string{"食品", "飲料", "書籍", "文房具", "家電", "衣料", "玩具", "日用品"}
}

func categoryRow(i int) string {
	parent := "NULL"
	if i >= 2 {
		parent = text(fmt.Sprintf("C%03d", i/2))
	}
	return fmt.Sprintf("('C%03d', %s, %s, %d)", i+1, text(categories()[i]), parent, i*10)
}

// userRow returns the row of a user. Every day, some users log in, which changes their rows. Every 97th user is deleted, one per day.
func userRow(i, day int) string {
	if i%97 == 96 && day > i/97 {
		return ""
	}
	family := []string{"佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "髙橋", "斎藤"}
	given := []string{"翔太", "美咲", "健一", "さくら", "大輔", "陽子", "蓮", "結衣", "悠真", "O'Brien"}
	prefectures := []string{"東京都", "大阪府", "北海道", "福岡県", "愛知県", "沖縄県", "京都府"}
	prefecture, birthday, login := "NULL", "NULL", "NULL"
	if i%9 != 0 {
		prefecture = text(prefectures[i%len(prefectures)])
	}
	if i%5 != 0 {
		birthday = text(time.Date(1950+i*7%58, time.Month(1+i%12), 1+i%28, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
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
	created := moment(opened().AddDate(-1, 0, i%365))
	return fmt.Sprintf("(%d, %s, 'user%04d@example.jp', %s, %s, '%s', %d, %d, %s, %s, SHA2('secret %d', 256))", i+1,
		text(family[i%len(family)]+" "+given[i*3%len(given)]), i+1, prefecture, birthday, plan, i%2, points, created, login, i+1)
}

// productRow returns the row of a product. The price rises once, by 3%, and the stock falls every day.
func productRow(i, day int) string {
	kinds := []string{"緑茶", "コーヒー豆", "文庫本", "万年筆", "炊飯器", "Tシャツ", "積み木", "タオル"}
	cents := price(i)
	if day > i%7 {
		cents = cents * 103 / 100
	}
	weight, attributes, description, released := "NULL", "NULL", "NULL", "NULL"
	if i%6 != 0 {
		weight = fmt.Sprintf("%.2f", float64(i%40)*0.25+0.05)
	}
	if i%3 != 0 {
		attributes = text(fmt.Sprintf(`{"color": "%s", "size": %d}`, []string{"赤", "青", "白"}[i%3], i%5))
	}
	if i%4 != 0 {
		description = text(strings.Repeat("丁寧に作られた"+kinds[i%len(kinds)]+"です。\n", 1+i%3))
	}
	if i%8 != 0 {
		released = text(opened().AddDate(0, -i%30, 0).Format(time.DateOnly))
	}
	labels := []string{"", "新着", "限定,セール", "新着,限定"}[i%4]
	return fmt.Sprintf("(%d, 'C%03d', %s, %d.%02d, %s, %d, '%s', %s, %s, %s)", i+1, i%len(categories())+1,
		text(fmt.Sprintf("%s %d号", kinds[i%len(kinds)], i+1)), cents/100, cents%100, weight, max(0, i*17%900-day*3), labels,
		attributes, description, released)
}

// price returns the price of a product on day 0, in hundredths of the currency unit.
func price(product int) int { return 98000 + product*1999%450000 }

// orderRow returns the row of an order. The newest orders are pending; the others are shipped or cancelled.
func orderRow(i, users, orders int) string {
	at := opened().Add(time.Duration(i)*47*time.Minute + time.Duration(i*7919%1000000)*time.Microsecond)
	status, shipped, note := "shipped", moment(at.Add(26*time.Hour)), "NULL"
	switch age := orders - i; {
	case age <= 30:
		status, shipped = "pending", "NULL"
	case i%50 == 7:
		status, shipped = "cancelled", "NULL"
	}
	if i%10 == 0 {
		note = text("置き配希望🚚")
	}
	total := price(i%products)*(1+i%3) + price(i*13%products)*(1+i%2)
	return fmt.Sprintf("(%d, %d, '%s', %d.%02d, %s, %s, %s)", i+1, i*31%users+1, status, total/100, total%100, note,
		text(at.Format("2006-01-02 15:04:05.000000")), shipped)
}

// itemRow returns the row of one of the two items in an order. The prices of the two items add up to the total in orderRow.
func itemRow(i int) string {
	order, line := i/2, i%2
	product, quantity := order%products, 1+order%3
	if line == 1 {
		product, quantity = order*13%products, 1+order%2
	}
	return fmt.Sprintf("(%d, %d, %d, %d, %d.%02d)", order+1, line+1, product+1, quantity, price(product)/100, price(product)%100)
}

func reviewRow(i int) string {
	user, title := "NULL", "NULL" // an anonymous review
	if i%7 != 0 {
		user = fmt.Sprint(i*5%firstUsers + 1)
	}
	if i%3 != 0 {
		title = text([]string{"大満足", "普通です", "もう一度買います"}[i%3])
	}
	body := []string{"とても良い品でした。👍", "配送が早かった。", "思ったより小さい\nですが、使えます。", "It's \"fine\"."}[i%4]
	return fmt.Sprintf("(%d, %d, %s, %d, %s, %s, %s)", i+1, i*11%products+1, user, 1+i%5, title, text(body),
		moment(opened().Add(time.Duration(i)*97*time.Minute)))
}

func moment(t time.Time) string { return text(t.Format(time.DateTime)) }

// text returns a string as an SQL string literal.
func text(s string) string {
	s = strings.ReplaceAll(s, `\`, `\\`)
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
