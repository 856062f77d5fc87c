// Errors as values: a code that tells the caller's next step, a text that tells a person.
// Secrets never enter an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace nexte {

/// What the caller may do next.
enum class ec : uint8_t {
  unauthorized, ///< The provider does not accept our credentials: a person must reconnect.
  limited,      ///< Quota: the same call may succeed later.
  refused,      ///< Understood and refused (scope, policy, bad argument): do not repeat as it is.
  transport,    ///< The answer never came whole: may be repeated.
  malformed,    ///< The bytes are not what the format says.
  conflict,     ///< Someone else was there first (busy directory, stale sequence).
  not_found,    ///< What was named does not exist.
  storage,      ///< Disk or database.
  cancelled,    ///< Stopped by ourselves.
  bug,          ///< A defect of this program.
};

/// The code's name as written in logs and the API, e.g. "not_found".
constexpr std::string_view to_string(ec code) {
  constexpr std::string_view names[]
      = {"unauthorized", "limited",   "refused", "transport", "malformed",
         "conflict",     "not_found", "storage", "cancelled", "bug"};
  return names[static_cast<size_t>(code)];
}

struct error {
  ec code = ec::bug;
  std::string what; ///< What happened: one sentence without a full stop, no secret in it.
  std::string hint; ///< What to do about it; may be empty.

  error(ec error_code, std::string text, std::string mend = {})
      : code(error_code), what(std::move(text)), hint(std::move(mend)) {}

  /// Puts `context` in front on the way up: "hubspot.contacts page 3: …".
  [[nodiscard]] error with_context(std::string_view context) && {
    what.insert(0, std::string{context} + ": ");
    return std::move(*this);
  }

  /// The one line shown to a person: what, then what to do.
  [[nodiscard]] std::string line() const {
    return hint.empty() ? what : what + "; " + hint;
  }
};

/// A value or an error. `result<void>` is success or an error.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(error failure) : state_(std::in_place_index<1>, std::move(failure)) {}
  explicit operator bool() const noexcept {
    return state_.index() == 0;
  }
  /// @pre holds a value
  T& operator*() & {
    return std::get<0>(state_);
  }
  const T& operator*() const& {
    return std::get<0>(state_);
  }
  T&& operator*() && {
    return std::get<0>(std::move(state_));
  }
  T* operator->() {
    return &std::get<0>(state_);
  }
  const T* operator->() const {
    return &std::get<0>(state_);
  }
  /// @pre holds an error
  const error& failure() const& {
    return std::get<1>(state_);
  }
  error&& failure() && {
    return std::get<1>(std::move(state_));
  }

private:
  std::variant<T, error> state_;
};

template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(error failure) : failure_(std::move(failure)) {}
  explicit operator bool() const noexcept {
    return !failure_;
  }
  /// @pre holds an error
  const error& failure() const& {
    return *failure_;
  }
  error&& failure() && {
    return *std::move(failure_);
  }

private:
  std::optional<error> failure_;
};

} // namespace nexte
