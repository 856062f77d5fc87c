// Pipedrive's simulator as whole simulations see it.
#include "protocol/pipedrive/simulator.hpp"
#include "protocol/pipedrive/simulator_list.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace pipedrive;

class pipedrive_observer final : public observer {
public:
  explicit pipedrive_observer(pipedrive_simulator& at) : at_(at) {}

  size_t accounts() const override {
    return at_.companies_.size();
  }
  std::string account_id(size_t account) const override {
    return at_.oauth_.accounts()[account].id;
  }
  std::string login(size_t account) const override {
    return at_.companies_[account].login;
  }
  std::optional<size_t> owner_of(std::string_view access_token) const override {
    const auto* known = at_.oauth_.grants().find_access(access_token);
    return known ? std::optional{known->granted.account} : std::nullopt;
  }
  std::vector<observed_record> records(std::string_view stream, size_t account) override {
    std::vector<observed_record> all;
    store(stream, account).each([&](const kept_record& record) { all.push_back(seen(record)); });
    std::ranges::sort(all, {}, &observed_record::id);
    return all;
  }
  std::optional<observed_record> find(std::string_view stream, size_t account,
                                      std::string_view id) override {
    const auto number = read_id(id);
    const auto* record = number ? store(stream, account).find(*number, never_purged) : nullptr;
    return record ? std::optional{seen(*record)} : std::nullopt;
  }
  std::optional<observed_record> act(deed what, std::string_view stream, size_t account,
                                     seeded_random& chance, wall_time now) override {
    auto& held = store(stream, account);
    written_record text;
    text.values.emplace_back(*held.type().find(held.type().required), json::quoted(word(chance)));
    if (what == deed::create)
      return seen(held.create(text, now));
    std::vector<int64_t> there;
    held.each([&](const kept_record& record) {
      if (record.deleted_at.has_value() == (what == deed::restore) && !record.archived_at)
        there.push_back(record.id);
    });
    if (there.empty())
      return std::nullopt;
    const auto id = there[chance.below(there.size())];
    switch (what) {
      case deed::edit: return seen(held.update(id, text, now));
      case deed::remove: return seen(held.remove(id, now));
      default: return seen(held.restore(id, now));
    }
  }
  void revoke(size_t account) override {
    at_.oauth_.grants().revoke_account(account, true);
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
  /// The beginning of time: what was deleted is remembered still.
  static constexpr wall_time never_purged = wall_time::min();

  record_store& store(std::string_view stream, size_t account) {
    return at_.companies_[account].records(*find_schema(stream));
  }
  static observed_record seen(const kept_record& record) {
    return {std::to_string(record.id), format_iso_seconds(record.updated_at), record.updated_at,
            !record.deleted_at && !record.archived_at};
  }
  static std::string word(seeded_random& chance) {
    return "edited-" + std::to_string(chance.next() % 1'000'000);
  }

  pipedrive_simulator& at_;
};

observer* pipedrive_simulator::observed() {
  if (!observer_)
    observer_ = std::make_unique<pipedrive_observer>(*this);
  return observer_.get();
}

} // namespace nexte::simulation
