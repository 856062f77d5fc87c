// What a simulated account holds: people, organisations and deals made from a seed.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>

namespace nexte::simulation {

/// An empty text stands for a value that is missing.
struct person {
  std::string first_name, last_name; ///< In several scripts; an emoji now and then.
  std::string email;                 ///< Unique within the account; sometimes missing.
  std::string phone, job_title, company, city, country;
  std::string note; ///< A few are thousands of bytes long.
};

struct organization {
  std::string name;
  std::string domain; ///< Unique within the account.
  std::string phone, city, country, note;
  uint64_t employees = 0;
};

struct opportunity {
  std::string title;
  uint64_t amount = 0; ///< Whole units of its currency.
  std::string currency;
  unsigned stage = 0; ///< 0 to 4; the last two are closed.
  wall_time closes_at{};
};

struct record_times {
  wall_time created_at{};
  wall_time modified_at{}; ///< Blocks of records share one millisecond, as bulk imports do.
};

/// Record `index` of an account, the same for the same seed on every machine.
class data_set {
public:
  data_set(uint64_t seed, uint64_t account) : seed_(seed), account_(account) {}
  person person_at(uint64_t index) const;
  organization organization_at(uint64_t index) const;
  opportunity opportunity_at(uint64_t index) const;
  /// Between 2020 and the end of 2024, ascending with `index` below `records`.
  record_times times_at(uint64_t index, uint64_t records) const;
  /// A numeric id, ascending with `index`; those of the last tenth of `records` do not fit a double
  /// exactly.
  uint64_t id_at(uint64_t index, uint64_t records) const;

private:
  uint64_t seed_;
  uint64_t account_;
};

} // namespace nexte::simulation
