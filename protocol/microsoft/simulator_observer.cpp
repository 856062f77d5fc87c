// The simulator as whole simulations see it.
#include "protocol/microsoft/simulator.hpp"
#include "protocol/simulation/observer.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace microsoft;

class microsoft_observer final : public observer {
public:
  explicit microsoft_observer(microsoft_simulator& at) : at_(at) {}

  size_t accounts() const override {
    return at_.mailboxes_.size();
  }
  std::string account_id(size_t account) const override {
    return at_.mailboxes_[account].id;
  }
  std::string login(size_t account) const override {
    return at_.mailboxes_[account].login;
  }
  std::optional<size_t> owner_of(std::string_view access_token) const override {
    const auto* known = at_.oauth_.grants().find_access(access_token);
    return known ? std::optional{known->granted.account} : std::nullopt;
  }
  std::vector<observed_record> records(std::string_view stream, size_t account) override {
    std::vector<observed_record> all;
    for (const auto& [number, item] : at_.mailboxes_[account].items())
      if (stream_of(item.kind) == stream)
        all.push_back(seen(at_.mailboxes_[account], item));
    std::ranges::sort(all, {}, &observed_record::id);
    return all;
  }
  std::optional<observed_record> find(std::string_view stream, size_t account,
                                      std::string_view id) override {
    const auto& in = at_.mailboxes_[account];
    const auto* item = in.find(*find_kind(stream), id);
    return item ? std::optional{seen(in, *item)} : std::nullopt;
  }
  std::optional<observed_record> act(deed what, std::string_view stream, size_t account,
                                     seeded_random& chance, wall_time now) override {
    auto& in = at_.mailbox_at(account, now);
    const auto kind = *find_kind(stream);
    const auto* text = kind == item_kind::contact ? "displayName" : "subject";
    const named_values word{{text, "\"edited-" + std::to_string(chance.next() % 1'000'000) + "\""}};
    if (what == deed::create)
      return seen(in, in.create(kind, kind == item_kind::message ? 1 : 0, word, now));
    std::vector<uint64_t> there;
    for (const auto& [number, item] : in.items())
      if (item.kind == kind && item.gone == (what == deed::restore) && item.type != "occurrence")
        there.push_back(number);
    if (there.empty())
      return std::nullopt;
    const auto number = there[chance.below(there.size())];
    switch (what) {
      case deed::edit: act_on(in, number, word, chance, now); break;
      case deed::remove: in.remove(number, now); break;
      default: in.restore(number, now);
    }
    return seen(in, *in.find(number));
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
  /// A message is as often moved as edited.
  static void act_on(mailbox& in, uint64_t number, const named_values& word, seeded_random& chance,
                     wall_time now) {
    const auto& item = *in.find(number);
    if (item.kind != item_kind::message || chance.one_in(2))
      return in.edit(number, word, now);
    in.move(number, 1 + (item.folder + chance.below(7)) % 8, now);
  }
  observed_record seen(const mailbox& in, const kept_item& item) const {
    const bool sparse = item.type == "occurrence" && at_.strict_.sparse_occurrences;
    if (sparse)
      return {mailbox::id_of(item, true), "", {}, in.is_shown(item)};
    return {mailbox::id_of(item, true), mailbox::change_key(item), item.modified_at,
            in.is_shown(item)};
  }

  microsoft_simulator& at_;
};

observer& microsoft_simulator::people() {
  if (!observer_)
    observer_ = std::make_unique<microsoft_observer>(*this);
  return *observer_;
}

} // namespace nexte::simulation
