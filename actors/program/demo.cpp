#include "actors/program/demo.hpp"

#include "actors/program/control_server.hpp"
#include "actors/program/demo/story.hpp"
#include "actors/program/process.hpp"

#include <cstdio>
#include <iostream>

#include <unistd.h>

namespace nexte::program {
namespace {

constexpr size_t bar_columns = 30;
constexpr uint64_t lines_per_step = 10;

/// A bar that is drawn over in a terminal; a line per tenth elsewhere.
class console final : public narrator {
public:
  console(std::ostream& out, terminal screen) : out_(out), screen_(screen) {}

  void begin(std::string_view step) {
    out_ << "… " << step << "\n" << std::flush;
    tenth_ = 0;
  }
  void end(const demo_step& step, const result<std::string>& told) {
    if (screen_.columns > 0)
      out_ << "\r\x1b[K";
    out_ << (told ? tinted("✓ ", tint::green, screen_) : tinted("✗ ", tint::red, screen_))
         << step.name << ": " << printable(told ? *told : told.failure().line()) << "\n"
         << std::flush;
  }
  void progress(uint64_t done, uint64_t total, std::string_view of_what) override {
    const auto part = total == 0 ? 0 : std::min(done, total) * lines_per_step / total;
    const auto count = grouped(done) + " of " + grouped(total) + " " + std::string{of_what};
    if (screen_.columns > 0) {
      const auto full = total == 0 ? 0 : std::min(done, total) * bar_columns / total;
      out_ << "\r\x1b[K  [" << std::string(full, '#') << std::string(bar_columns - full, '.')
           << "] " << count << std::flush;
    } else if (part > tenth_) {
      out_ << "  " << count << "\n" << std::flush;
    }
    tenth_ = std::max(tenth_, part);
  }

private:
  std::ostream& out_;
  terminal screen_;
  uint64_t tenth_ = 0;
};

/// Runs the story; the table has a row for every step, also for those that were not reached.
bool tell(demo_world& world, console& to, table& summary) {
  bool good = true;
  for (const auto& step : demo_story()) {
    if (!good) {
      summary.add({std::string{step.name}, cell{"not reached", tint::faint}, ""});
      continue;
    }
    to.begin(step.name);
    const auto told = step.run(world);
    to.end(step, told);
    good = good && told;
    summary.add({std::string{step.name},
                 told ? cell{"as it should", tint::green} : cell{"failed", tint::red},
                 told ? *told : told.failure().line()});
  }
  return good;
}

int fail(const error& failure) {
  std::fprintf(stderr, "nexte-sync: %s\n", printable(failure.line()).c_str());
  return exit_failed;
}

/// Keeps the world going for whoever wants to look at it.
int stay(demo_world& world, const listen_address& at) {
  const auto server = control_server::start(world.running(), providers(), world.data_dir(), at);
  if (!server)
    return fail(server.failure());
  std::cout << "\nIt goes on until Ctrl-C. Look at it in a browser (the link works once):\n"
            << "  " << (*server)->login_link() << "\nor from another terminal:\n"
            << "  nexte-sync status --data-dir " << world.data_dir().string() << "\n"
            << std::flush;
  await_stop();
  return exit_done;
}

} // namespace

int run_demo(const demo_options& options) {
  const auto screen = terminal_of(STDOUT_FILENO);
  const bool stays = !options.once && screen.columns > 0;
  hold_stop_signals(); // so that the scratch folder goes whatever ends this
  console to{std::cout, screen};
  auto world = demo_world::start(options, to);
  if (!world)
    return fail(world.failure());
  table summary{{{"STEP"}, {"ENDED"}, {"WHAT HAPPENED"}}};
  const bool good = tell(**world, to, summary);
  std::cout << "\n" << summary.str({screen.colours, 0}) << std::flush;
  if (!good)
    return fail({ec::bug, "the demo did not end as it should", "see the step that failed above"});
  return stays ? stay(**world, options.listen) : exit_done;
}

} // namespace nexte::program
