#include "protocol/google/calendar_checkpoint.hpp"

#include "protocol/checkpoint_text.hpp"
#include "protocol/listing_reader.hpp"
#include "protocol/oauth/pkce.hpp"

namespace nexte::google {
namespace {

constexpr int64_t version = 1;
constexpr std::string_view phases[] = {"list", "closing", "changes"};
constexpr size_t key_bytes = 11;

bool is_key(std::string_view text) {
  return text.size() == key_bytes && is_cursor(text, key_bytes);
}

} // namespace

std::string calendar_key(std::string_view calendar_id) {
  return oauth::challenge_of(calendar_id).substr(0, key_bytes); // base64url of SHA-256
}

std::string write_checkpoint(const calendar_checkpoint& from) {
  auto out = begin_checkpoint(version, phases[static_cast<size_t>(from.at)]);
  out.key("tokens").begin_object();
  for (const auto& [key, token] : from.tokens)
    out.key(key).value(token);
  out.end_object();
  write_cursor(out, "of", from.of);
  write_cursor(out, "cursor", from.cursor);
  return out.end_object().take();
}

std::optional<calendar_checkpoint> read_calendar_checkpoint(std::string_view text) {
  const auto written = read_checkpoint_text(text, version, phases);
  const auto* tokens = written ? written->members.find("tokens") : nullptr;
  if (!tokens || !tokens->is_object())
    return std::nullopt;
  calendar_checkpoint read;
  read.at = static_cast<phase>(written->phase);
  for (const auto& [key, token] : tokens->members) {
    if (!is_key(key) || !token.is_string() || !is_cursor(token.text, sync_token_bytes_max))
      return std::nullopt;
    read.tokens[key] = token.text;
  }
  read.of = written->members.string_or_empty("of");
  read.cursor = written->members.string_or_empty("cursor");
  if (read.of.empty() != read.cursor.empty()
      || (!read.of.empty() && (!is_key(read.of) || !is_cursor(read.cursor, cursor_bytes_max))))
    return std::nullopt;
  return read;
}

} // namespace nexte::google
