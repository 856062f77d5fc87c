// Text for a terminal or a file: tables aligned by what a person sees, times as distances.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::program {

/// What a terminal can do. The default fits a file.
struct terminal {
  bool colours = false;
  size_t columns = 0;  ///< 0: no limit.
  size_t rows = 0;     ///< 0: no limit.
  bool cursor = false; ///< What was shown can be drawn over.
};

/// Of an open file: no terminal has neither colours nor a limit; NO_COLOR and TERM=dumb are heeded.
terminal terminal_of(int file);

/// `text` without what could command a terminal: control characters, escape sequences' first byte
/// and marks that turn the direction of writing become U+FFFD, as does invalid UTF-8.
std::string printable(std::string_view text);

/// How many columns `text` takes: wide characters two, combining ones none. @pre printable
size_t display_width(std::string_view text);

/// `text` cut to `columns`, with "…" at the end where something was cut. @pre printable
std::string fitted(std::string_view text, size_t columns);

enum class tint : uint8_t { none, green, amber, red, faint };

/// `text` in that colour, where the terminal has colours.
std::string tinted(std::string_view text, tint colour, const terminal& to);
/// The tint of a badge: "green", "amber", "red".
tint tint_of(std::string_view badge);

struct cell {
  std::string text;
  tint colour = tint::none;

  cell(std::string content, tint shown = tint::none) : text(std::move(content)), colour(shown) {}
  cell(const char* content) : text(content) {}
};

/// Columns two spaces apart. Cells are made printable. Where the terminal is too narrow the widest
/// columns are cut.
class table {
public:
  enum class side : uint8_t { left, right };
  struct column {
    std::string title;
    side align = side::left;
  };

  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}
  /// @pre as many cells as columns
  void add(std::vector<cell> row) {
    rows_.push_back(std::move(row));
  }
  bool empty() const {
    return rows_.empty();
  }
  /// With a line of titles unless all are empty; each line ends in a newline.
  std::string str(const terminal& to) const;

private:
  std::vector<size_t> widths(const terminal& to) const;
  std::vector<column> columns_;
  std::vector<std::vector<cell>> rows_;
};

/// A bar of so many columns, filled to `part` (0 to 1).
std::string bar(double part, size_t columns);
/// What `text` is drawn with over what was shown from the top of the screen on: each line clears
/// what was left of the former one, and what is below goes.
std::string redrawn(std::string_view text);

/// `15,000`.
std::string grouped(uint64_t number);
/// `12 s`, `3 min`, `5 h`, `2 d`: rounded down to one unit.
std::string duration_text(milliseconds length);
/// `now`, `3 min ago`, `in 12 s`; `never` for the epoch.
std::string distance_text(wall_time at, wall_time now);

} // namespace nexte::program
