// What an omniscient observer of a simulated provider sees, and what people there do.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

/// A record as the provider has it now, in the words of the engine's store.
struct observed_record {
  std::string id;
  std::string version; ///< As the connector reads it.
  wall_time modified_at{};
  bool live = true;
  std::string text = {}; ///< Of the field that `act` writes; empty: not told.
};

/// The other side of the wire for whoever runs whole simulations: looks without asking, and plays
/// the provider's users. Nothing here counts as a request. Accounts are indices.
class observer {
public:
  virtual ~observer() = default;

  virtual size_t accounts() const = 0;
  /// The account's id as the engine learns it (`account_identity::id`).
  virtual std::string account_id(size_t account) const = 0;
  /// Whom `login_hint` of an authorization request selects.
  virtual std::string login(size_t account) const = 0;
  /// Whose access token this is, also of one that has ended; nullopt: it was never issued.
  virtual std::optional<size_t> owner_of(std::string_view access_token) const = 0;

  /// Every record of a stream, live and deleted ones that the provider still knows, by id.
  virtual std::vector<observed_record> records(std::string_view stream, size_t account) = 0;
  virtual std::optional<observed_record> find(std::string_view stream, size_t account,
                                              std::string_view id)
      = 0;

  /// A person creates a record, edits or deletes a live one, or restores a deleted one; which one
  /// and how is drawn from `chance`. Yields the record, or nullopt where there was none to act on.
  enum class deed : uint8_t { create, edit, remove, restore };
  virtual std::optional<observed_record> act(deed what, std::string_view stream, size_t account,
                                             seeded_random& chance, wall_time now)
      = 0;

  /// The fields by which somebody on our side edits a record, or makes one, as `engine::put` takes
  /// them: they write `text` where `act` writes. Empty: the stream takes no edits from us.
  virtual std::string local_edit(std::string_view /*stream*/, std::string_view /*text*/) const {
    return {};
  }
  /// Requests that wrote something, since the beginning.
  virtual uint64_t writes() const {
    return 0;
  }

  /// The account's owner takes the app's permission away.
  virtual void revoke(size_t account) = 0;
  /// An administrator there takes one scope away from the app.
  virtual void withdraw_scope(size_t /*account*/, std::string_view /*scope*/) {}
  /// Every access token of the account expires now.
  virtual void expire(size_t account, wall_time now) = 0;
  /// Requests that found a quota window full, since the beginning.
  virtual uint64_t quota_violations() const = 0;
  /// The longest window that is counted.
  virtual milliseconds longest_window() const = 0;
};

} // namespace nexte::simulation
