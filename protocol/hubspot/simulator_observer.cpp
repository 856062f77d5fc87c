// HubSpot's simulator as whole simulations see it.
#include "protocol/hubspot/simulator.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>
#include <utility>

namespace nexte::simulation {

using namespace hubspot;

class hubspot_observer final : public observer {
public:
  explicit hubspot_observer(hubspot_simulator& at) : at_(at) {}

  size_t accounts() const override {
    return at_.portals_.size();
  }
  std::string account_id(size_t account) const override {
    return at_.oauth_.accounts()[account].id;
  }
  std::string login(size_t account) const override {
    return at_.portals_[account].login;
  }
  std::optional<size_t> owner_of(std::string_view access_token) const override {
    const auto* known = at_.oauth_.grants().find_access(access_token);
    return known ? std::optional{known->granted.account} : std::nullopt;
  }
  std::vector<observed_record> records(std::string_view stream, size_t account) override {
    std::vector<observed_record> all;
    auto& held = store(stream, account);
    for (const bool archived : {false, true})
      for (const auto& state : held.list(archived, 0, SIZE_MAX).first)
        all.push_back(seen(held.type(), *state));
    std::ranges::sort(all, {}, &observed_record::id);
    return all;
  }
  std::optional<observed_record> find(std::string_view stream, size_t account,
                                      std::string_view id) override {
    auto& held = store(stream, account);
    const auto state = held.find(std::stoull(std::string{id}));
    return state ? std::optional{seen(held.type(), *state)} : std::nullopt;
  }
  std::optional<observed_record> act(deed what, std::string_view stream, size_t account,
                                     seeded_random& chance, wall_time now) override {
    auto& held = store(stream, account);
    const auto property = free_text(held.type());
    if (what == deed::create)
      return seen(held.type(), *held.create({{property, word(chance)}}, now, "CRM_UI"));
    const auto there = held.list(what == deed::restore, 0, SIZE_MAX).first;
    if (there.empty())
      return std::nullopt;
    const auto id = there[chance.below(there.size())]->id;
    switch (what) {
      case deed::edit: held.update(id, {{property, word(chance)}}, now, "CRM_UI"); break;
      case deed::remove: held.archive(id, now); break;
      default: held.restore(id, now);
    }
    return seen(held.type(), *held.find(id));
  }
  std::string local_edit(std::string_view stream, std::string_view text) const override {
    const auto& type = *find_schema(stream);
    json::writer out;
    out.begin_object().key(type.properties[free_text(type)].name).value(text).end_object();
    return out.take();
  }
  uint64_t writes() const override {
    return at_.traffic_.writes;
  }
  void revoke(size_t account) override {
    at_.oauth_.grants().revoke_account(account, true);
  }
  void withdraw_scope(size_t account, std::string_view scope) override {
    at_.oauth_.grants().withdraw_scope(account, scope);
  }
  void expire(size_t account, wall_time now) override {
    at_.oauth_.grants().expire_access(account, now);
  }
  uint64_t quota_violations() const override {
    return at_.quota_.violations();
  }
  milliseconds longest_window() const override {
    milliseconds longest{0};
    for (const auto& rule : at_.quota_.rules())
      longest = std::max(longest, rule.span);
    return longest;
  }

private:
  object_store& store(std::string_view stream, size_t account) {
    return at_.portals_[account].stream(*find_schema(stream)).store;
  }
  static observed_record seen(const schema& type, const object& state) {
    return {std::to_string(state.id), format_instant(state.modified_at), state.modified_at,
            !state.archived_at, value_of(type, state, free_text(type))};
  }
  /// A property that takes any text.
  static uint16_t free_text(const schema& type) {
    const auto found = std::ranges::find_if(type.properties, [](const auto& one) {
      return one.kind == property_kind::text && !one.computed && !one.unique;
    });
    return static_cast<uint16_t>(found - type.properties.begin());
  }
  static std::string word(seeded_random& chance) {
    return "edited-" + std::to_string(chance.next() % 1'000'000);
  }

  hubspot_simulator& at_;
};

observer* hubspot_simulator::observed() {
  if (!observer_)
    observer_ = std::make_unique<hubspot_observer>(*this);
  return observer_.get();
}

} // namespace nexte::simulation
