#include "bench/chart.hpp"

#include "bench/suite.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>

namespace nexte::bench {
namespace {

constexpr double width = 640;
constexpr double height = 360;
constexpr double left = 80;
constexpr double right = 500; // names stand beyond
constexpr double top = 40;
constexpr double bottom = 310;
constexpr std::array<std::string_view, 4> colours{"#2f6fde", "#8a8f98", "#c7742b", "#3a9a6b"};

/// A logarithmic axis over whole powers of ten.
class axis {
public:
  axis(double from, double to) : from_(from), to_(to) {}
  void include(double value) {
    low_ = std::min(low_, std::floor(std::log10(value)));
    high_ = std::max(high_, std::ceil(std::log10(value)));
  }
  double place(double value) const {
    return from_ + (std::log10(value) - low_) / std::max(high_ - low_, 1.0) * (to_ - from_);
  }
  std::vector<double> marks() const {
    std::vector<double> all;
    for (double power = low_; power <= std::max(high_, low_ + 1); ++power)
      all.push_back(std::pow(10, power));
    return all;
  }

private:
  double from_;
  double to_;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">"
         + text + "</text>\n";
}

std::string rule(double x1, double y1, double x2, double y2) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\""
         + number(y2) + "\" stroke=\"#8a8f98\" stroke-opacity=\"0.3\"/>\n";
}

std::string draw_line(const chart_line& line, const axis& x, const axis& y,
                      std::string_view colour) {
  std::string points;
  std::string dots;
  for (const auto& [size, value] : line.points) {
    points += number(x.place(size)) + "," + number(y.place(value)) + " ";
    dots += "<circle cx=\"" + number(x.place(size)) + "\" cy=\"" + number(y.place(value))
            + "\" r=\"3\" fill=\"" + std::string{colour} + "\"><title>" + readable(size) + ": "
            + readable(value) + "</title></circle>\n";
  }
  return "<polyline points=\"" + points + "\" fill=\"none\" stroke-width=\"2\" stroke=\""
         + std::string{colour} + "\"/>\n" + dots
         + text_at(right + 8, y.place(line.points.back().second) + 4, "start", line.name);
}

} // namespace

std::string draw_chart(const std::string& figure, const std::string& size_name,
                       const std::vector<chart_line>& lines) {
  axis x{left, right};
  axis y{bottom, top};
  for (const auto& line : lines)
    for (const auto& [size, value] : line.points) {
      x.include(size);
      y.include(value);
    }
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " "
                    + number(height)
                    + "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#8a8f98\">\n";
  out += text_at(left, top - 18, "start", figure);
  out += text_at(right, bottom + 38, "end", size_name);
  for (const double mark : x.marks()) {
    out += rule(x.place(mark), top, x.place(mark), bottom);
    out += text_at(x.place(mark), bottom + 18, "middle", readable(mark));
  }
  for (const double mark : y.marks()) {
    out += rule(left, y.place(mark), right, y.place(mark));
    out += text_at(left - 8, y.place(mark) + 4, "end", readable(mark));
  }
  for (size_t i = 0; i < lines.size(); ++i)
    out += draw_line(lines[i], x, y, colours[i % colours.size()]);
  return out + "</svg>\n";
}

} // namespace nexte::bench
