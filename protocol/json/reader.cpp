// The reader over RapidJSON 1.1.0's iterative SAX parser, with the limits that it lacks.
#include "protocol/json/reader.hpp"

#include "protocol/core/text.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <limits>

namespace nexte::json {
namespace {

// Full precision is left out on purpose: it overruns a buffer on a number of 360 bytes.
constexpr unsigned valid_utf8_flags
    = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
constexpr unsigned strict_flags = valid_utf8_flags | rapidjson::kParseValidateEncodingFlag;
constexpr unsigned commented_flags = strict_flags | rapidjson::kParseCommentsFlag;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// RapidJSON counts bytes in 32 bits.
constexpr size_t document_bytes_ceiling = std::numeric_limits<int32_t>::max();

error malformed(size_t offset, std::string_view reason) {
  return {ec::malformed, "JSON at byte " + std::to_string(offset) + ": " + std::string{reason}};
}

/// Turns RapidJSON's events into ours: adds byte offsets and enforces the limits.
class adaptor {
public:
  adaptor(std::string_view text, const rapidjson::MemoryStream& at, events& to, const limits& caps)
      : text_(text), at_(at), to_(to), caps_(caps), last_end_(at.Tell()) {}

  bool Null() {
    return literal("null", [this](size_t offset) { return to_.on_null(offset); });
  }
  bool Bool(bool value) {
    return literal(value ? "true" : "false",
                   [&](size_t offset) { return to_.on_bool(value, offset); });
  }
  bool RawNumber(const char* text, rapidjson::SizeType bytes, bool) {
    if (bytes > caps_.number_bytes_max)
      return refuse("a number is too long");
    return literal({text, bytes}, [&](size_t offset) {
      return to_.on_number({text, bytes}, offset);
    });
  }
  bool String(const char* text, rapidjson::SizeType bytes, bool) {
    const size_t begin = next_token();
    return decoded(begin, {text, bytes}) && to_.on_string({text, bytes}, begin);
  }
  bool Key(const char* text, rapidjson::SizeType bytes, bool) {
    const size_t begin = next_token();
    return decoded(begin, {text, bytes}) && to_.on_key({text, bytes});
  }
  bool StartObject() {
    return open() && to_.on_object_begin(at_.Tell());
  }
  bool EndObject(rapidjson::SizeType) {
    return to_.on_object_end(close());
  }
  bool StartArray() {
    return open() && to_.on_array_begin(at_.Tell());
  }
  bool EndArray(rapidjson::SizeType) {
    return to_.on_array_end(close());
  }
  // Never called with numbers as strings; RapidJSON's handler concept names them.
  bool Int(int) {
    return refuse("unexpected number event");
  }
  bool Uint(unsigned) {
    return refuse("unexpected number event");
  }
  bool Int64(int64_t) {
    return refuse("unexpected number event");
  }
  bool Uint64(uint64_t) {
    return refuse("unexpected number event");
  }
  bool Double(double) {
    return refuse("unexpected number event");
  }

  /// Why we stopped the parse; empty when the receiver did.
  std::string_view refusal() const {
    return refusal_;
  }

private:
  bool refuse(std::string_view reason) {
    refusal_ = reason;
    return false;
  }

  /// A token written as long as it is decoded; the stream stands behind its last byte.
  template <class Emit>
  bool literal(std::string_view written, Emit emit) {
    last_end_ = at_.Tell();
    return emit(last_end_ - written.size());
  }

  /// A string that begins at `begin` and ends where the stream stands.
  bool decoded(size_t begin, std::string_view text) {
    last_end_ = at_.Tell();
    // Without escapes each byte has been validated. An escape decodes to fewer bytes than it
    // was written in, and a lone low surrogate among them passes RapidJSON 1.1.0 unseen.
    if (last_end_ - begin != text.size() + 2 && !is_utf8(text))
      return refuse("a lone surrogate");
    return true;
  }

  // At the begin and end of a container the stream stands before the bracket.
  bool open() {
    last_end_ = at_.Tell() + 1;
    if (depth_ >= caps_.depth_max)
      return refuse("nested too deeply");
    ++depth_;
    return true;
  }
  size_t close() {
    last_end_ = at_.Tell() + 1;
    --depth_;
    return last_end_;
  }

  /// Where the string that was just read began: the first byte after the last token that is
  /// neither punctuation nor space (nor a comment, which only `commented_flags` let through).
  size_t next_token() const {
    size_t i = last_end_;
    for (;;) {
      const char c = text_[i];
      if (c == '/')
        i = text_[i + 1] == '*' ? text_.find("*/", i + 2) + 2 : text_.find('\n', i) + 1;
      else if (c == '"')
        return i;
      else
        ++i;
    }
  }

  std::string_view text_;
  const rapidjson::MemoryStream& at_;
  events& to_;
  const limits& caps_;
  size_t last_end_; ///< One past the last token.
  size_t depth_ = 0;
  std::string_view refusal_;
};

template <unsigned Flags>
result<void> run(std::string_view text, events& to, const limits& caps) {
  if (text.size() > std::min(caps.document_bytes_max, document_bytes_ceiling))
    return error{ec::malformed, "JSON of " + std::to_string(text.size())
                                    + " bytes is over the limit of "
                                    + std::to_string(caps.document_bytes_max)};
  rapidjson::MemoryStream in{text.data(), text.size()};
  if (text.starts_with(byte_order_mark))
    in.src_ += byte_order_mark.size();
  adaptor handler{text, in, to, caps};
  rapidjson::Reader reader;
  const auto outcome = reader.Parse<Flags>(in, handler);
  if (outcome.Code() == rapidjson::kParseErrorTermination)
    return malformed(outcome.Offset(), handler.refusal().empty() ? "stopped" : handler.refusal());
  if (outcome.IsError()) {
    std::string reason = rapidjson::GetParseError_En(outcome.Code()); // "Invalid value."
    reason.front() = static_cast<char>(reason.front() | 0x20);
    reason.pop_back();
    return malformed(outcome.Offset(), reason);
  }
  if (in.Tell() != text.size()) // a NUL byte looks like the end to RapidJSON
    return malformed(in.Tell(), "a NUL byte");
  return {};
}

} // namespace

result<void> parse(std::string_view text, events& to, const limits& caps) {
  // RapidJSON's own check is slow; it is left to name the bad byte.
  return is_utf8(text) ? run<valid_utf8_flags>(text, to, caps) : run<strict_flags>(text, to, caps);
}

result<void> parse_with_comments(std::string_view text, events& to, const limits& caps) {
  return run<commented_flags>(text, to, caps);
}

} // namespace nexte::json
