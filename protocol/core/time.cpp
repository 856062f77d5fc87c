#include "protocol/core/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace nexte {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> months
    = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays
    = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// Eats fixed pieces from the front of a text; any mismatch makes it fail for good.
class cursor {
public:
  explicit cursor(std::string_view text) : rest_(text) {}
  bool ok() const {
    return ok_;
  }
  bool at_end() const {
    return rest_.empty();
  }
  bool peek(char c) const {
    return !rest_.empty() && rest_.front() == c;
  }
  int digits(size_t count) {
    int value = 0;
    if (rest_.size() < count)
      return fail();
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9')
        return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  void literal(std::string_view text) {
    if (!rest_.starts_with(text))
      fail();
    else
      rest_.remove_prefix(text.size());
  }
  /// Milliseconds of a fraction of any length; further digits are cut.
  int fraction() {
    int value = 0;
    int scale = 100;
    size_t used = 0;
    while (used < rest_.size() && rest_[used] >= '0' && rest_[used] <= '9') {
      value += (rest_[used] - '0') * scale;
      scale /= 10;
      ++used;
    }
    if (used == 0)
      return fail();
    rest_.remove_prefix(used);
    return value;
  }
  int month() {
    for (size_t i = 0; i < months.size(); ++i)
      if (rest_.starts_with(months[i])) {
        rest_.remove_prefix(3);
        return static_cast<int>(i) + 1;
      }
    return fail();
  }
  void skip_letters() {
    while (!rest_.empty() && std::isalpha(static_cast<unsigned char>(rest_.front())))
      rest_.remove_prefix(1);
  }
  char take() {
    if (rest_.empty())
      return static_cast<char>(fail());
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

private:
  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<wall_time> civil(int y, int mon, int d, int h, int min, int s, int ms) {
  const year_month_day date{year{y}, month{static_cast<unsigned>(mon)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok() || h > 23 || min > 59 || s > 60)
    return std::nullopt;
  return wall_time{sys_days{date}} + hours{h} + minutes{min} + nexte::seconds{s} + milliseconds{ms};
}

/// As `%0<width>d`.
void append_digits(std::string& text, int value, size_t width) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, std::abs(value)).ptr;
  if (value < 0)
    text.push_back('-');
  const auto taken = static_cast<size_t>(end - digits) + (value < 0 ? 1 : 0);
  text.append(width - std::min(width, taken), '0').append(digits, end);
}

} // namespace

std::optional<wall_time> parse_iso_time(std::string_view text) {
  cursor in{text};
  const int y = in.digits(4);
  in.literal("-");
  const int mon = in.digits(2);
  in.literal("-");
  const int d = in.digits(2);
  if (in.ok() && in.at_end())
    return civil(y, mon, d, 0, 0, 0, 0);
  const char separator = in.take();
  if (separator != 'T' && separator != 't' && separator != ' ')
    return std::nullopt;
  const int h = in.digits(2);
  in.literal(":");
  const int min = in.digits(2);
  int s = 0;
  int ms = 0;
  if (in.peek(':')) {
    in.literal(":");
    s = in.digits(2);
    if (in.peek('.')) {
      in.literal(".");
      ms = in.fraction();
    }
  }
  int offset_minutes = 0;
  const char zone = in.take();
  if (zone == '+' || zone == '-') {
    const int zone_hours = in.digits(2);
    if (in.peek(':'))
      in.literal(":");
    offset_minutes = zone_hours * 60 + in.digits(2);
    if (zone == '-')
      offset_minutes = -offset_minutes;
  } else if (zone != 'Z' && zone != 'z') {
    return std::nullopt;
  }
  if (!in.ok() || !in.at_end())
    return std::nullopt;
  auto at = civil(y, mon, d, h, min, s, ms);
  if (at)
    *at -= minutes{offset_minutes};
  return at;
}

std::string format_iso_seconds(wall_time at) {
  auto text = format_iso_time(at);
  text.replace(text.find('.'), std::string::npos, "Z");
  return text;
}

std::string format_iso_time(wall_time at) {
  const auto date = floor<days>(at);
  const year_month_day ymd{date};
  const hh_mm_ss time{at - date};
  // Several times for each record read or written: snprintf took 3 % of whole simulations.
  std::string text;
  text.reserve(sizeof "2026-03-01T00:00:00.000Z");
  append_digits(text, int{ymd.year()}, 4);
  append_digits(text.append(1, '-'), static_cast<int>(unsigned{ymd.month()}), 2);
  append_digits(text.append(1, '-'), static_cast<int>(unsigned{ymd.day()}), 2);
  append_digits(text.append(1, 'T'), static_cast<int>(time.hours().count()), 2);
  append_digits(text.append(1, ':'), static_cast<int>(time.minutes().count()), 2);
  append_digits(text.append(1, ':'), static_cast<int>(time.seconds().count()), 2);
  append_digits(text.append(1, '.'), static_cast<int>(time.subseconds().count()), 3);
  return text.append(1, 'Z');
}

std::optional<wall_time> parse_http_date(std::string_view text, wall_time now) {
  cursor in{text};
  in.skip_letters();
  int y = 0;
  int mon = 0;
  int d = 0;
  bool asctime = false;
  if (in.peek(',')) {
    in.literal(", ");
    d = in.digits(2);
    if (in.peek('-')) { // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
      in.literal("-");
      mon = in.month();
      in.literal("-");
      const int this_year = int{year_month_day{floor<days>(now)}.year()};
      y = this_year / 100 * 100 + in.digits(2);
      if (y > this_year + 50) // "more than 50 years in the future" means the past
        y -= 100;
    } else {
      in.literal(" ");
      mon = in.month();
      in.literal(" ");
      y = in.digits(4);
    }
  } else { // asctime: Sun Nov  6 08:49:37 1994
    asctime = true;
    in.literal(" ");
    mon = in.month();
    in.literal(" ");
    if (in.peek(' ')) {
      in.literal(" ");
      d = in.digits(1);
    } else {
      d = in.digits(2);
    }
  }
  in.literal(" ");
  const int h = in.digits(2);
  in.literal(":");
  const int min = in.digits(2);
  in.literal(":");
  const int s = in.digits(2);
  in.literal(" ");
  if (asctime)
    y = in.digits(4);
  else
    in.literal("GMT");
  if (!in.ok() || !in.at_end())
    return std::nullopt;
  return civil(y, mon, d, h, min, s, 0);
}

std::string format_http_date(wall_time at) {
  const auto date = floor<days>(at);
  const year_month_day ymd{date};
  const hh_mm_ss time{floor<nexte::seconds>(at - date)};
  char text[48];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                weekdays[weekday{date}.c_encoding()].data(), unsigned{ymd.day()},
                months[unsigned{ymd.month()} - 1].data(), int{ymd.year()},
                int(time.hours().count()), int(time.minutes().count()),
                int(time.seconds().count()));
  return text;
}

std::optional<milliseconds> parse_retry_after(std::string_view value, std::string_view date,
                                              wall_time now) {
  double amount = 0;
  const auto* end = value.data() + value.size();
  if (auto [rest, bad] = std::from_chars(value.data(), end, amount);
      bad == std::errc{} && rest == end && !value.empty()) {
    if (!std::isfinite(amount) || amount > 1e9)
      return std::nullopt;
    return milliseconds{amount <= 0 ? 0 : static_cast<int64_t>(std::ceil(amount * 1000))};
  }
  const auto until = parse_http_date(value, now);
  if (!until)
    return std::nullopt;
  const auto from = parse_http_date(date, now).value_or(now);
  return std::max(*until - from, milliseconds{0});
}

} // namespace nexte
