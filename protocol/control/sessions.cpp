#include "protocol/control/sessions.hpp"

#include "protocol/core/text.hpp"
#include "protocol/oauth/pkce.hpp"

#include <algorithm>

namespace nexte::control {
namespace {

template <class Tickets>
auto find(Tickets& all, std::string_view text) {
  return std::ranges::find_if(
      all, [&](const auto& one) { return equal_constant_time(one.text.reveal(), text); });
}

template <class Tickets>
void drop_old(Tickets& all, milliseconds life, wall_time now) {
  std::erase_if(all, [&](const auto& one) { return now - one.at >= life; });
}

} // namespace

secret sessions::add(tickets& to, size_t most, wall_time now) {
  if (to.size() >= most)
    to.erase(std::ranges::min_element(to, {}, &ticket::at));
  to.push_back({secret{oauth::random_token(random_)}, now});
  return to.back().text;
}

secret sessions::make_code(wall_time now) {
  drop_old(codes_, login_code_life, now);
  return add(codes_, login_codes_max, now);
}

std::optional<secret> sessions::begin(std::string_view code, wall_time now) {
  drop_old(codes_, login_code_life, now);
  const auto at = find(codes_, code);
  if (at == codes_.end())
    return std::nullopt;
  codes_.erase(at);
  drop_old(sessions_, session_idle_max, now);
  return add(sessions_, sessions_max, now);
}

bool sessions::holds(std::string_view token, wall_time now) {
  drop_old(sessions_, session_idle_max, now);
  const auto at = find(sessions_, token);
  if (at == sessions_.end())
    return false;
  at->at = now;
  return true;
}

void sessions::end(std::string_view token) {
  if (const auto at = find(sessions_, token); at != sessions_.end())
    sessions_.erase(at);
}

} // namespace nexte::control
