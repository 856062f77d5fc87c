#include "protocol/control/token_file.hpp"

#include "protocol/core/private_file.hpp"
#include "protocol/core/text.hpp"
#include "protocol/oauth/pkce.hpp"

#include <algorithm>

namespace nexte::control {
namespace {

constexpr size_t token_characters = 43; // 32 bytes, base64url

bool is_token(std::string_view text) {
  return text.size() == token_characters && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || c == '-' || c == '_';
         });
}

} // namespace

std::filesystem::path token_path(const std::filesystem::path& data_dir) {
  return data_dir / "control.token";
}

result<secret> read_token(const std::filesystem::path& data_dir) {
  const auto path = token_path(data_dir);
  auto text = read_private_file(path, token_characters + 2);
  if (!text)
    return std::move(text).failure();
  while (text->ends_with('\n') || text->ends_with('\r'))
    text->pop_back();
  const bool good = is_token(*text);
  secret token{*text};
  wipe(*text);
  if (!good)
    return error{ec::malformed, path.string() + " does not hold a control token",
                 "delete it and restart the engine, which makes a new one"};
  return token;
}

result<secret> ensure_token(const std::filesystem::path& data_dir, const random_source& random) {
  auto present = read_token(data_dir);
  if (present || present.failure().code != ec::not_found)
    return present;
  auto text = oauth::random_token(random) + "\n";
  const auto written = write_private_file(token_path(data_dir), text);
  wipe(text);
  if (!written)
    return written.failure();
  return read_token(data_dir);
}

} // namespace nexte::control
