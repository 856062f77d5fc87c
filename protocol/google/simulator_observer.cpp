// Google's simulator as tests and whole simulations see it.
#include "protocol/google/simulator.hpp"
#include "protocol/simulation/observer.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace google;

class google_observer final : public observer {
public:
  explicit google_observer(google_simulator& at) : at_(at) {}

  size_t accounts() const override {
    return at_.accounts_.size();
  }
  std::string account_id(size_t account) const override {
    return at_.accounts_[account].id;
  }
  std::string login(size_t account) const override {
    return at_.accounts_[account].login;
  }
  std::optional<size_t> owner_of(std::string_view access_token) const override {
    const auto* known = at_.oauth_.grants().find_access(access_token);
    return known ? std::optional{known->granted.account} : std::nullopt;
  }
  std::vector<observed_record> records(std::string_view stream, size_t account) override {
    std::vector<observed_record> all;
    for (const auto& one : store(stream, account).all())
      all.push_back({one.id, one.version, one.modified_at, !one.gone});
    std::ranges::sort(all, {}, &observed_record::id);
    return all;
  }
  std::optional<observed_record> find(std::string_view stream, size_t account,
                                      std::string_view id) override {
    const auto all = records(stream, account);
    const auto found = std::ranges::lower_bound(all, id, {}, &observed_record::id);
    return found != all.end() && found->id == id ? std::optional{*found} : std::nullopt;
  }
  std::optional<observed_record> act(deed what, std::string_view stream, size_t account,
                                     seeded_random& chance, wall_time now) override {
    auto& held = store(stream, account);
    const auto text = "edited-" + std::to_string(chance.next() % 1'000'000);
    if (what == deed::create)
      return find(stream, account, held.create(text, now));
    auto there = records(stream, account);
    std::erase_if(there, [&](const auto& one) { return one.live == (what == deed::restore); });
    if (there.empty())
      return std::nullopt;
    const auto id = there[chance.below(there.size())].id;
    switch (what) {
      case deed::edit: held.edit(id, text, now); break;
      case deed::remove: held.remove(id, now); break;
      default: held.restore(id, now);
    }
    return find(stream, account, id);
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
  record_store& store(std::string_view stream, size_t account) {
    return *at_.accounts_[account].store(stream);
  }

  google_simulator& at_;
};

std::map<std::string, held_record> google_simulator::holdings(std::string_view stream,
                                                              size_t account) {
  std::map<std::string, held_record> held;
  for (const auto& one : accounts_[account].store(stream)->all())
    held[one.id] = {one.version, one.gone};
  return held;
}

observer* google_simulator::observed() {
  if (!observer_)
    observer_ = std::make_unique<google_observer>(*this);
  return observer_.get();
}

} // namespace nexte::simulation
