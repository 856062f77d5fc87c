#include "protocol/simulation/data_set.hpp"

#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace nexte::simulation {
namespace {

using words = std::array<std::string_view, 16>;

constexpr words first_names
    = {"Anna",   "Ben",  "Chloé", "Dmitri", "Елена", "Fatima", "Γιώργος", "Hiroshi",
       "Ingrid", "José", "美咲",  "Łukasz", "محمد",  "Nguyễn", "Ólafur",  "प्रिया"};
constexpr words last_names
    = {"Andersson",   "Müller", "O'Brien", "Петрова", "García", "Yılmaz", "Παπαδόπουλος", "田中",
       "Smith-Jones", "الحسن",  "Kovač",   "Silva",   "शर्मा",   "김",     "van der Berg", "Nowak"};
constexpr words job_titles = {"Head of Sales",
                              "Engineer",
                              "Buyer",
                              "Chief \"Everything\" Officer",
                              "Geschäftsführer",
                              "Office Manager",
                              "CTO",
                              "Data & Insights Lead",
                              "Consultant",
                              "",
                              "Accountant",
                              "Einkäuferin",
                              "VP Operations",
                              "Developer 🚀",
                              "Assistant",
                              "Partner \\ Counsel"};
constexpr words stems
    = {"Nordwind", "Acme",  "Blue Harbor", "Zenith",  "Quercus", "Müllerei", "Sakura",  "Orion",
       "Fjord",    "Delta", "Maple",       "Lumière", "Atlas",   "Kite",     "Granite", "Волга"};
constexpr words slugs
    = {"nordwind", "acme",  "blueharbor", "zenith",  "quercus", "muellerei", "sakura",  "orion",
       "fjord",    "delta", "maple",      "lumiere", "atlas",   "kite",      "granite", "volga"};
constexpr words cities
    = {"Berlin", "Dublin", "São Paulo", "Москва", "Kraków", "東京",   "Cairo",   "New York",
       "Lyon",   "Oslo",   "Αθήνα",     "Mumbai", "Seoul",  "Zürich", "Toronto", "Hà Nội"};
constexpr words countries = {"Germany",     "Ireland",       "Brazil", "Russia", "Poland", "Japan",
                             "Egypt",       "United States", "France", "Norway", "Greece", "India",
                             "South Korea", "Switzerland",   "Canada", "Vietnam"};
constexpr std::array<std::string_view, 4> currencies = {"EUR", "USD", "JPY", "GBP"};
constexpr std::array<std::string_view, 4> occasions
    = {"renewal", "expansion", "pilot project", "first order"};

// Why a value is missing, long or decorated: one in so many.
constexpr uint64_t missing_one_in = 12;
constexpr uint64_t no_email_one_in = 25;
constexpr uint64_t emoji_one_in = 40;
constexpr uint64_t long_note_one_in = 500;
constexpr size_t long_note_bytes = 4096;

constexpr uint64_t first_id = 713'492'000'001;
constexpr uint64_t past_doubles = (uint64_t{1} << 53) + 1; // odd: no double holds it
constexpr uint64_t import_block = 150; ///< Records of one import share their millisecond.
constexpr uint64_t imported_one_in = 4;

constexpr wall_time first_day = std::chrono::sys_days{std::chrono::year{2020} / 1 / 1};
constexpr wall_time last_day = std::chrono::sys_days{std::chrono::year{2024} / 12 / 1};

enum kind : uint64_t { people = 1, organizations = 2, opportunities = 3, times = 4 };

seeded_random random_for(uint64_t seed, uint64_t account, kind what, uint64_t index) {
  const auto salt = seeded_random::mix(seed * 4 + what) ^ seeded_random::mix(~account);
  return seeded_random{seeded_random::mix(salt + index)};
}

std::string pick(seeded_random& random, const words& from) {
  return std::string{from[random.below(from.size())]};
}

std::string phone_number(seeded_random& random) {
  if (random.one_in(missing_one_in))
    return {};
  return "+49 30 " + std::to_string(1'000'000 + random.below(9'000'000));
}

std::string note(seeded_random& random) {
  constexpr std::string_view short_note = "Met at the fair; wants a call back in the new quarter. "
                                          "Prefers e-mail, \"not before ten\".";
  if (!random.one_in(long_note_one_in))
    return random.one_in(3) ? std::string{short_note} : std::string{};
  std::string text;
  while (text.size() < long_note_bytes)
    text.append("line ").append(std::to_string(random.below(1000))).append(" – Notiz 📝\n\t");
  return text;
}

} // namespace

person data_set::person_at(uint64_t index) const {
  auto random = random_for(seed_, account_, people, index);
  person p;
  p.first_name = pick(random, first_names);
  p.last_name = random.one_in(missing_one_in) ? std::string{} : pick(random, last_names);
  if (random.one_in(emoji_one_in))
    p.first_name += " 👩‍💻";
  const auto employer = random.below(stems.size());
  p.company = stems[employer];
  if (!random.one_in(no_email_one_in))
    p.email = "person" + std::to_string(index) + "@" + std::string{slugs[employer]} + ".example";
  p.phone = phone_number(random);
  p.job_title = pick(random, job_titles);
  const auto place = random.below(cities.size());
  p.city = cities[place];
  p.country = countries[place];
  p.note = note(random);
  return p;
}

organization data_set::organization_at(uint64_t index) const {
  auto random = random_for(seed_, account_, organizations, index);
  organization o;
  const auto stem = random.below(stems.size());
  o.name = std::string{stems[stem]} + " " + std::to_string(index);
  o.domain = std::string{slugs[stem]} + std::to_string(index) + ".example";
  o.phone = phone_number(random);
  const auto place = random.below(cities.size());
  o.city = cities[place];
  o.country = countries[place];
  o.note = note(random);
  o.employees = 1 + random.below(20'000);
  return o;
}

opportunity data_set::opportunity_at(uint64_t index) const {
  auto random = random_for(seed_, account_, opportunities, index);
  opportunity o;
  o.title = pick(random, stems) + " – " + std::string{occasions[random.below(occasions.size())]}
            + " " + std::to_string(index);
  o.amount = random.below(500'000);
  o.currency = currencies[random.below(currencies.size())];
  o.stage = static_cast<unsigned>(random.below(5));
  o.closes_at = last_day + std::chrono::days{random.below(365)};
  return o;
}

record_times data_set::times_at(uint64_t index, uint64_t records) const {
  auto random = random_for(seed_, account_, times, index);
  const auto span = static_cast<uint64_t>((last_day - first_day).count());
  const auto slot = std::max<uint64_t>(1, span / std::max<uint64_t>(1, records));
  record_times t;
  t.created_at = first_day + milliseconds{index * slot + random.below(slot)};
  const auto block = index / import_block;
  if (block % imported_one_in == 1)
    t.modified_at = last_day + milliseconds{seeded_random::mix(block) % 86'400'000};
  else
    t.modified_at = t.created_at + milliseconds{random.below(2'592'000'000)};
  return t;
}

uint64_t data_set::id_at(uint64_t index, uint64_t records) const {
  const auto big_from = records - records / 10;
  const auto base
      = index < big_from ? first_id + index * 37 : past_doubles + (index - big_from) * 2;
  return base;
}

} // namespace nexte::simulation
