#include "protocol/json/writer.hpp"

#include "protocol/core/text.hpp"
#include "protocol/json/reader.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace nexte::json {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr char hex_digits[] = "0123456789abcdef";

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += hex_digits[static_cast<unsigned char>(c) >> 4];
      out += hex_digits[c & 15];
  }
}

/// Bytes of the well-formed UTF-8 sequence at `at`; 0 where there is none.
/// @pre the byte at `at` is not ASCII
size_t sequence_bytes(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  return is_utf8(text.substr(at, bytes)) ? bytes : 0;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  size_t written = 0; // up to here `text` is in `out`
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    const size_t well_formed = c < 0x80 ? 0 : sequence_bytes(text, i);
    if (well_formed > 0) {
      i += well_formed;
      continue;
    }
    out.append(text, written, i - written);
    if (c < 0x80)
      append_escape(out, text[i]);
    else
      out += replacement;
    written = ++i;
  }
  out.append(text, written);
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits; // the longest double needs 24
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

void append_tree(writer& out, const json::value& tree) {
  switch (tree.type) {
    case json::value::kind::null: out.null(); break;
    case json::value::kind::boolean: out.value(tree.truth); break;
    case json::value::kind::number: out.raw(tree.text); break;
    case json::value::kind::string: out.value(tree.text); break;
    case json::value::kind::array:
      out.begin_array();
      for (const auto& item : tree.items)
        append_tree(out, item);
      out.end_array();
      break;
    case json::value::kind::object:
      out.begin_object();
      for (const auto& [name, member] : tree.members) {
        out.key(name);
        append_tree(out, member);
      }
      out.end_object();
      break;
  }
}

} // namespace

void writer::separate() {
  if (!first_)
    text_ += ',';
  first_ = false;
}

writer& writer::begin_object() {
  separate();
  text_ += '{';
  first_ = true;
  return *this;
}

writer& writer::end_object() {
  text_ += '}';
  first_ = false;
  return *this;
}

writer& writer::begin_array() {
  separate();
  text_ += '[';
  first_ = true;
  return *this;
}

writer& writer::end_array() {
  text_ += ']';
  first_ = false;
  return *this;
}

writer& writer::key(std::string_view name) {
  separate();
  append_quoted(text_, name);
  text_ += ':';
  first_ = true; // its value needs no comma
  return *this;
}

writer& writer::value(std::string_view text) {
  separate();
  append_quoted(text_, text);
  return *this;
}

writer& writer::value(bool truth) {
  return raw(truth ? "true" : "false");
}

writer& writer::value(int64_t number) {
  separate();
  append_number(text_, number);
  return *this;
}

writer& writer::value(uint64_t number) {
  separate();
  append_number(text_, number);
  return *this;
}

writer& writer::value(double number) {
  if (!std::isfinite(number))
    return null();
  separate();
  append_number(text_, number);
  return *this;
}

writer& writer::null() {
  return raw("null");
}

writer& writer::raw(std::string_view text) {
  separate();
  text_ += text;
  return *this;
}

std::string writer::take() {
  first_ = true;
  return std::exchange(text_, {});
}

std::string to_text(const json::value& tree) {
  writer out;
  append_tree(out, tree);
  return out.take();
}

std::string quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

} // namespace nexte::json
