#include "protocol/simulation/admin.hpp"

namespace nexte::simulation {
namespace {

http_response json_answer(int status, std::string body) {
  return {status, std::move(body), "application/json"};
}

http_response problem(int status, const error& failure) {
  json::writer out;
  out.begin_object().key("error").value(failure.line()).end_object();
  return json_answer(status, out.take());
}

} // namespace

http_response describe_actions(std::string_view provider, std::span<const admin_text> all) {
  json::writer out;
  out.begin_object().key("provider").value(provider).key("actions").begin_object();
  for (const auto& one : all) {
    out.key(one.name).begin_object().key("does").value(one.does);
    out.key("example").raw(one.body).end_object();
  }
  out.end_object().end_object();
  return json_answer(200, out.take());
}

http_response unknown_action(std::span<const admin_text> all) {
  std::string names;
  for (const auto& one : all)
    names.append(names.empty() ? "" : ", ").append(one.name);
  return problem(404, {ec::refused, "there is no such action", "actions are " + names});
}

http_response not_an_object(const admin_text& action) {
  return problem(400, {ec::refused, "the body is not a JSON object",
                       "send one like " + std::string{action.body}});
}

http_response answer_of(admin_call::outcome done) {
  return done ? json_answer(200, *std::move(done)) : problem(400, done.failure());
}

error admin_call::wrong(std::string what, std::string mend) {
  return {ec::refused, std::move(what), std::move(mend)};
}

bool admin_call::is_true(std::string_view name) const {
  const auto* member = body_.find(name);
  return member && member->truth;
}

bool admin_call::is_not_false(std::string_view name) const {
  const auto* member = body_.find(name);
  return !member || member->truth;
}

result<size_t> admin_call::account() const {
  const auto* wanted = body_.find("account");
  if (!wanted)
    return size_t{0};
  if (const auto found = oauth_.find_account(wanted->text))
    return *found;
  std::string known;
  for (const auto& one : oauth_.accounts())
    known.append(known.empty() ? "" : ", ").append(one.id);
  return wrong("there is no such account", "accounts are " + known);
}

void admin_call::write_traffic(json::writer& out, const traffic_counts& counts) {
  uint64_t sum = 0;
  out.key("requests").begin_object();
  for (const auto& [endpoint, count] : counts.requests) {
    out.key(endpoint).value(count);
    sum += count;
  }
  out.end_object().key("requests_total").value(sum).key("statuses").begin_object();
  for (const auto& [status, count] : counts.statuses)
    out.key(std::to_string(status)).value(count);
  out.end_object().key("writes").value(counts.writes);
}

void admin_call::write_rules(json::writer& out, const quota_counters& quota) {
  for (const auto& rule : quota.rules()) {
    const auto report = quota.report(rule.name);
    out.key(rule.name).begin_object().key("limit").value(rule.limit);
    out.key("peak").value(report.peak).key("admitted").value(report.admitted);
    out.key("violations").value(report.violations).end_object();
  }
}

admin_call::outcome admin_call::revoke() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  oauth_.grants().revoke_account(*which, is_not_false("at_once"));
  return std::string{"{}"};
}

admin_call::outcome admin_call::expire() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  oauth_.grants().expire_access(*which, now_);
  return std::string{"{}"};
}

admin_call::outcome admin_call::consent() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  oauth_.choice
      = {is_true("deny"), json::texts_of(body_.find("without")), oauth_.accounts()[*which].id};
  return std::string{"{}"};
}

admin_call::outcome admin_call::fail() {
  auto read = read_fault(body_, now_);
  if (!read)
    return std::move(read).failure();
  faults_.arm(*std::move(read));
  return std::string{"{}"};
}

admin_call::outcome admin_call::clear_faults() {
  faults_.clear();
  return std::string{"{}"};
}

admin_call::outcome admin_call::token() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  const auto issued = oauth_.issue(*which, json::texts_of(body_.find("scopes")), now_);
  json::writer out;
  out.begin_object().key("access_token").value(issued.access_token);
  out.key("refresh_token").value(issued.refresh_token);
  out.key("account").value(oauth_.accounts()[*which].id).end_object();
  return out.take();
}

} // namespace nexte::simulation
