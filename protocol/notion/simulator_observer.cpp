// Notion's simulator as tests and whole simulations see it, without the wire.
#include "protocol/notion/simulator.hpp"
#include "protocol/notion/simulator_render.hpp"
#include "protocol/simulation/observer.hpp"

namespace nexte::simulation {

using namespace notion;

namespace {

observed_record seen(const page_state& page) {
  const auto at = shown_time(page.edited_at);
  return {page.id, format_iso_time(at), at, page.shared && !page.in_trash() && !page.archived};
}

} // namespace

class notion_observer final : public observer {
public:
  explicit notion_observer(notion_simulator& at) : at_(at) {}

  size_t accounts() const override {
    return at_.workspaces_.size();
  }
  std::string account_id(size_t account) const override {
    return at_.workspaces_[account].bot_id;
  }
  std::string login(size_t account) const override {
    return at_.workspaces_[account].login;
  }
  std::optional<size_t> owner_of(std::string_view access_token) const override {
    const auto* known = at_.oauth_.grants().find_access(access_token);
    return known ? std::optional{known->granted.account} : std::nullopt;
  }
  std::vector<observed_record> records(std::string_view, size_t account) override {
    std::vector<observed_record> all;
    at_.workspaces_[account].each(wall_time::max(),
                                  [&](const page_state& page) { all.push_back(seen(page)); });
    return all;
  }
  std::optional<observed_record> find(std::string_view, size_t account,
                                      std::string_view id) override {
    const auto* page = at_.workspaces_[account].find(id);
    return page ? std::optional{seen(*page)} : std::nullopt;
  }
  std::optional<observed_record> act(deed what, std::string_view stream, size_t account,
                                     seeded_random& chance, wall_time now) override {
    auto& at = at_.workspaces_[account];
    page_changes changes;
    if (what == deed::create || what == deed::edit)
      changes.title = "edited-" + std::to_string(chance.next() % 1'000'000);
    else
      changes.in_trash = what == deed::remove;
    if (what == deed::create) {
      const auto& source = at.sources[chance.below(at.sources.size())];
      return seen(at.create(parent_kind::data_source, source.id, changes, at.owner_id, now));
    }
    auto there = records(stream, account);
    // One that comes back along with the page above it shows its old time: an enumeration finds
    // it, hours later.
    const auto above = parents(account);
    std::erase_if(there, [&](const auto& one) {
      return one.live == (what == deed::restore) || (what != deed::edit && above.contains(one.id));
    });
    if (there.empty())
      return std::nullopt;
    const auto& page = there[chance.below(there.size())].id;
    return seen(at.change(page, changes, at.owner_id, now));
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
    return at_.quota_.rules().front().span;
  }

private:
  /// What other pages lie below.
  std::set<std::string> parents(size_t account) const {
    std::set<std::string> above;
    at_.workspaces_[account].each(wall_time::max(),
                                  [&](const page_state& page) { above.insert(page.parent); });
    return above;
  }

  notion_simulator& at_;
};

observer* notion_simulator::observed() {
  if (!observer_)
    observer_ = std::make_unique<notion_observer>(*this);
  return observer_.get();
}

std::map<std::string, held_record> notion_simulator::holdings(std::string_view, size_t account) {
  std::map<std::string, held_record> held;
  workspaces_[account].each(wall_time::max(), [&](const page_state& page) {
    const auto record = seen(page);
    held[page.id] = {record.version, !record.live};
  });
  return held;
}

} // namespace nexte::simulation
