#include "actors/program/render.hpp"

#include "protocol/core/text.hpp"

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

namespace nexte::program {
namespace {

constexpr size_t gap = 2;                                ///< Columns between two cells.
constexpr size_t cut_width_min = 12;                     ///< A column is not cut below this.
constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";    // U+2026, one column

/// The character that `text` begins with: its bytes, and its number. @pre UTF-8, not empty
struct character {
  std::string_view bytes;
  wchar_t point;
};

character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned point = length == 1 ? lead : lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i)
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  return {text.substr(0, length), static_cast<wchar_t>(point)};
}

/// Columns of a character by the C library's table of Unicode; -1: not printable.
int columns_of(wchar_t point) {
  // The process stays in the "C" locale: the table is asked through a locale of our own.
  static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (!unicode)
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ? -1 : 1;
  const locale_t before = ::uselocale(unicode);
  const int columns = ::wcwidth(point);
  ::uselocale(before);
  return columns;
}

/// Marks that turn the direction of all that follows (UAX #9 section 2): text of a stranger could
/// disguise our own with them.
bool turns_direction(wchar_t point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

std::string padding(size_t columns) {
  return std::string(columns, ' ');
}

} // namespace

terminal terminal_of(int file) {
  if (!::isatty(file))
    return {};
  terminal found;
  const char* kind = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR"); // https://no-color.org: set and not empty
  found.cursor = kind && std::string_view{kind} != "dumb";
  found.colours = found.cursor && !(no_colour && *no_colour);
  winsize size{};
  if (::ioctl(file, TIOCGWINSZ, &size) == 0) {
    found.columns = size.ws_col;
    found.rows = size.ws_row;
  }
  return found;
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  const bool valid = is_utf8(text);
  while (!text.empty()) {
    const auto next
        = valid ? first_of(text) : character{text.substr(0, 1), static_cast<wchar_t>(text.front())};
    const bool shown = (valid ? next.point != 0 : next.point > 0 && next.point < 0x7F)
                       && columns_of(next.point) >= 0 && !turns_direction(next.point);
    clean += shown ? next.bytes : replacement;
    text.remove_prefix(next.bytes.size());
  }
  return clean;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const auto next = first_of(text);
    width += static_cast<size_t>(std::max(0, columns_of(next.point)));
    text.remove_prefix(next.bytes.size());
  }
  return width;
}

std::string fitted(std::string_view text, size_t columns) {
  if (display_width(text) <= columns)
    return std::string{text};
  std::string kept;
  size_t width = 1; // of the ellipsis
  while (!text.empty()) {
    const auto next = first_of(text);
    width += static_cast<size_t>(std::max(0, columns_of(next.point)));
    if (width > columns)
      break;
    kept += next.bytes;
    text.remove_prefix(next.bytes.size());
  }
  return columns == 0 ? std::string{} : kept.append(ellipsis);
}

std::string tinted(std::string_view text, tint colour, const terminal& to) {
  if (!to.colours || colour == tint::none)
    return std::string{text};
  constexpr std::string_view codes[] = {"", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[2m"};
  return std::string{codes[static_cast<size_t>(colour)]}.append(text).append("\x1b[0m");
}

tint tint_of(std::string_view badge) {
  if (badge == "green")
    return tint::green;
  if (badge == "amber")
    return tint::amber;
  return badge == "red" ? tint::red : tint::none;
}

std::vector<size_t> table::widths(const terminal& to) const {
  std::vector<size_t> wanted;
  for (const auto& shown : columns_)
    wanted.push_back(display_width(shown.title));
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i)
      wanted[i] = std::max(wanted[i], display_width(printable(row[i].text)));
  if (to.columns == 0)
    return wanted;
  const auto total
      = [&] { return std::accumulate(wanted.begin(), wanted.end(), gap * (wanted.size() - 1)); };
  while (total() > to.columns) {
    auto& widest = *std::ranges::max_element(wanted);
    if (widest <= cut_width_min)
      break;
    --widest;
  }
  return wanted;
}

std::string table::str(const terminal& to) const {
  const auto wide = widths(to);
  std::string text;
  const auto add_line = [&](const std::vector<cell>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const auto shown = fitted(printable(row[i].text), wide[i]);
      const auto space = padding(wide[i] - display_width(shown));
      const bool right = columns_[i].align == side::right;
      line += (i > 0 ? padding(gap) : "") + (right ? space : "") + tinted(shown, row[i].colour, to)
              + (right ? "" : space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  if (std::ranges::any_of(columns_, [](const column& c) { return !c.title.empty(); })) {
    std::vector<cell> titles;
    for (const auto& shown : columns_)
      titles.emplace_back(shown.title, tint::faint);
    add_line(titles);
  }
  for (const auto& row : rows_)
    add_line(row);
  return text;
}

std::string bar(double part, size_t columns) {
  const auto full
      = static_cast<size_t>(std::lround(std::clamp(part, 0.0, 1.0) * static_cast<double>(columns)));
  std::string drawn;
  for (size_t i = 0; i < columns; ++i)
    drawn += i < full ? "\xE2\x96\x88" : "\xE2\x96\x91"; // U+2588, U+2591
  return drawn;
}

std::string redrawn(std::string_view text) {
  std::string drawn{"\x1b[H"};
  for (const auto c : text)
    drawn += c == '\n' ? std::string{"\x1b[K\n"} : std::string(1, c);
  return drawn + "\x1b[J";
}

std::string grouped(uint64_t number) {
  auto digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

std::string duration_text(milliseconds length) {
  const auto whole = std::chrono::duration_cast<seconds>(length).count();
  if (whole < 60)
    return std::to_string(whole) + " s";
  if (whole < 3600)
    return std::to_string(whole / 60) + " min";
  if (whole < 2 * 86'400)
    return std::to_string(whole / 3600) + " h";
  return std::to_string(whole / 86'400) + " d";
}

std::string distance_text(wall_time at, wall_time now) {
  if (at == wall_time{})
    return "never";
  const auto length = at > now ? at - now : now - at;
  if (length < seconds{1})
    return "now";
  return at > now ? "in " + duration_text(length) : duration_text(length) + " ago";
}

} // namespace nexte::program
