// What the admins of all simulators share: the door, and the actions on tokens and faults.
#pragma once

#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/simulation/fault_plan.hpp"
#include "protocol/simulation/oauth_server.hpp"
#include "protocol/simulation/quota_counters.hpp"
#include "protocol/simulation/simulator.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

/// One call of an action. A provider derives from it and adds its own.
class admin_call {
public:
  using outcome = result<std::string>; ///< JSON text, or what is wrong with the body.

  admin_call(oauth_server& server, fault_plan& plan, const json::value& content, wall_time at)
      : oauth_(server), faults_(plan), body_(content), now_(at) {}

  /// `{account?, at_once?}`: every grant of the account ends.
  outcome revoke();
  /// `{account?}`: its access tokens expire now.
  outcome expire();
  /// `{deny?, without?, account?}`: what the person does where the page asks nobody.
  outcome consent();
  /// A fault as `read_fault` reads it.
  outcome fail();
  outcome clear_faults();
  /// `{account?, scopes?}`: tokens of a consent given long ago; without scopes, to all of them.
  outcome token();

protected:
  bool is_true(std::string_view name) const;
  /// Also where the member is missing.
  bool is_not_false(std::string_view name) const;
  /// Index of the account that the body names; the first when it names none.
  result<size_t> account() const;
  static error wrong(std::string what, std::string mend);

  // For `stats`. The first two write members of the object that is open.
  static void write_traffic(json::writer& out, const traffic_counts& counts);
  static void write_rules(json::writer& out, const quota_counters& quota);
  /// An object's beginning: how many records of a stream are live, how many were ever in an answer,
  /// and how many of these so and so often. The caller ends it.
  template <class Counts>
  static void begin_served(json::writer& out, uint64_t live, const Counts& served) {
    std::map<uint32_t, uint64_t> times;
    for (const auto& [id, count] : served)
      ++times[count];
    out.begin_object().key("live").value(live);
    out.key("records").value(static_cast<uint64_t>(served.size())).key("times").begin_object();
    for (const auto& [count, records] : times)
      out.key(std::to_string(count)).value(records);
    out.end_object();
  }

  oauth_server& oauth_;
  fault_plan& faults_;
  const json::value& body_;
  wall_time now_;
};

/// How an action is told of.
struct admin_text {
  std::string_view name;
  std::string_view does;
  std::string_view body; ///< An example.
};

template <class Call>
struct admin_action {
  admin_text text;
  admin_call::outcome (Call::*perform)();
};

/// The answer to a GET: all actions with an example each.
http_response describe_actions(std::string_view provider, std::span<const admin_text> all);
http_response unknown_action(std::span<const admin_text> all);
http_response not_an_object(const admin_text& action);
http_response answer_of(admin_call::outcome done);

/// Performs the action of that name by a call that `make` makes of the body; an empty name
/// describes all of them.
template <class Call, class Make>
http_response administer(std::string_view provider, std::span<const admin_action<Call>> actions,
                         std::string_view name, const std::string& body, Make make) {
  std::vector<admin_text> texts;
  for (const auto& one : actions)
    texts.push_back(one.text);
  if (name.empty())
    return describe_actions(provider, texts);
  const auto found = std::ranges::find(texts, name, &admin_text::name);
  if (found == texts.end())
    return unknown_action(texts);
  const auto read
      = json::parse_value(body.empty() ? std::string_view{"{}"} : std::string_view{body});
  if (!read || !read->is_object())
    return not_an_object(*found);
  Call call = make(*read);
  return answer_of((call.*actions[static_cast<size_t>(found - texts.begin())].perform)());
}

} // namespace nexte::simulation
