// SPDX-License-Identifier: Apache-2.0
// `boot`: a guest's image as a scenario, its run, and the report.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <optional>

#include "boot_options.h"
#include "command.h"
#include "interrupt.h"
#include "staleline/boot/boot.h"
#include "staleline/boot/listing.h"
#include "staleline/boot/mutate.h"
#include "staleline/cli/cli.h"
#include "staleline/guest/image.h"
#include "staleline/platform/parameters.h"
#include "staleline/run/run.h"

namespace staleline::cli {
namespace {

/// Follows what the guest prints: to the terminal at once, and whether the awaited text was there.
class Console {
 public:
  Console(const BootOptions& options, bool shown) : awaited_(options.console), shown_(shown) {}
  void take(std::uint8_t byte) {
    text_ += static_cast<char>(byte);
    if (shown_) print(std::string_view(&text_.back(), 1));
    if (!awaited_.empty() && text_.ends_with(awaited_)) seen_ = true;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const bool& seen() const { return seen_; }

 private:
  std::string awaited_, text_;
  bool shown_ = false, seen_ = false;
};

/// The registers of the guest, to a file or standard output.
class RegisterFile {
 public:
  explicit RegisterFile(const BootOptions& options) : name_(options.registers) {
    if (name_.empty()) return;
    if (name_ != "-") {
      file_.open(name_, std::ios::binary);
      if (!file_) throw UsageError(fmt::format("--registers: cannot write {}", name_));
    }
    lines_.emplace(options.register_lines, [this](std::string_view line) { put(line); });
  }
  /// Empty where nobody asked.
  [[nodiscard]] pe::InstructionObserver* observer() { return lines_ ? &*lines_ : nullptr; }
  void finish() {
    if (!lines_) return;
    lines_->finish();
    file_.flush();
    if (!file_) throw UsageError(fmt::format("--registers: cannot write {}", name_));
  }

 private:
  void put(std::string_view line) {
    if (name_ == "-") {
      print(line);
    } else {
      file_ << line;
    }
  }
  std::string name_;
  std::ofstream file_;
  std::optional<boot::Registers> lines_;
};

std::string why(const BootOptions& options, const run::GuestEnd& end, const Console& console) {
  if (end.ending == pe::Ending::CpuOff && end.instructions == 0) return "was never started";
  const std::string after = fmt::format("after {} instructions at {:#x}", end.instructions, end.pc.value);
  if (console.seen()) return fmt::format("the console said `{}` {}", options.console, after);
  switch (end.ending) {
    case pe::Ending::Instructions:
      return fmt::format("stopped {}", after);
    case pe::Ending::Pc:
      return fmt::format("came to {:#x} after {} instructions", end.pc.value, end.instructions);
    case pe::Ending::MmuOn:
      return fmt::format("turned its MMU on {}", after);
    case pe::Ending::SystemOff:
      return fmt::format("switched the system off {}", after);
    case pe::Ending::SystemReset:
      return fmt::format("reset the system {}", after);
    case pe::Ending::CpuOff:
      return fmt::format("switched its CPU off {}", after);
    case pe::Ending::Fault:
      return fmt::format("took a fault that nobody handles {}", after);
    case pe::Ending::ExceptionLoop:
      return fmt::format("takes an exception in the first instruction of its vector again and again, {}", after);
    case pe::Ending::Stopped:
      return fmt::format("was stopped {}", after);
    case pe::Ending::Program:
    case pe::Ending::None:
      break;
  }
  return fmt::format("was at {:#x} after {} instructions", end.pc.value, end.instructions);
}

/// True where the run went as far as it was asked to, or ended by itself.
bool arrived(const BootOptions& options, const run::GuestEnd& end, const Console& console) {
  if (console.seen()) return true;
  if (end.ending == pe::Ending::Instructions) return options.asked_instructions == end.instructions;
  const bool asked = options.asked_instructions != 0 || options.until.pc || options.until.mmu_on ||
                     options.second_mmu_on || !options.console.empty();
  switch (end.ending) {
    case pe::Ending::Pc:
    case pe::Ending::MmuOn:
      return true;
    case pe::Ending::None:
    case pe::Ending::ExceptionLoop:
      return false;
    default:
      return !asked;
  }
}

/// The same guest, each time without one of its instructions; `told` is of the guest as it is.
template <class EndOf>
std::vector<boot::Mutation> mutated(const scenario::Scenario& scenario, BootOptions options, const run::Result& as_is,
                                    const boot::Told& told, const EndOf& end_of) {
  // What a window protects is read behind it.
  constexpr std::uint64_t kBeyond = 100'000;
  const bool on = end_of(as_is).ending == pe::Ending::MmuOn;
  if (on) {
    options.until.mmu_on = false;
    options.until.instructions = options.asked_instructions = end_of(as_is).instructions + kBeyond;
  }
  std::optional<Console> console;
  const auto again = [&](const std::vector<arm::VirtAddr>& nops) {
    console.emplace(options, false);
    run::Options run = options.run;
    run.interrupted = &interrupted();
    run.console = [&console](std::uint8_t byte) { console->take(byte); };
    run.enough = &console->seen();
    run.until = options.until;
    run.nops = nops;
    return run::run(scenario, run);
  };
  const run::Result baseline = on ? again({}) : as_is;
  const auto arrival = [&](const run::Result& r) {
    const run::GuestEnd end = end_of(r);
    const bool there = on ? end.ending == end_of(baseline).ending : arrived(options, end, *console);
    const bool whole = r.limit == run::Limit::None && there;
    return boot::Arrival{whole, r.limit_text.empty() ? why(options, end, *console) : r.limit_text};
  };
  return boot::mutate(baseline, as_is, told, again, arrival);
}

int boot(const BootOptions& options) {
  const boot::Guest guest = boot::compose(options.request);
  if (options.show_scenario) {
    print(guest.text);
    return kAsExpected;
  }
  const auto document = scenario::Document::parse("boot.yaml", guest.text, ".", guest.files);
  scenario::Scenario scenario = document.variant("boot");
  scenario.platform.overrides.insert(scenario.platform.overrides.end(), options.platform.begin(),
                                     options.platform.end());
  // The first CPU is called guest, further ones by their number.
  std::vector<boot::Told::Cpu> cpus;
  std::deque<boot::Window> windows;
  for (std::uint16_t i = 0; i < scenario.agents.size(); ++i) {
    if (!scenario.agents[i].program.fetched) continue;
    const event::AgentId agent{i};
    cpus.push_back({scenario.agents[i].name, agent, &windows.emplace_back(agent), {}});
  }

  Console console(options, !options.json && !options.quiet);
  run::Options run = options.run;
  run.interrupted = &interrupted();
  if (run.judge)
    for (auto& window : windows) run.listeners.push_back(&window);
  run.console = [&console](std::uint8_t byte) { console.take(byte); };
  run.enough = &console.seen();
  run.until = options.until;
  RegisterFile registers(options);
  boot::Listing listing(windows.front(), cpus.front().agent, registers.observer());
  run.observer = options.disasm ? &listing : registers.observer();
  if (options.disasm) run.listeners.push_back(&listing);
  catch_interrupts();
  run::Result result = run::run(scenario, run);
  result.options.listeners.clear();
  result.options.observer = nullptr;
  registers.finish();
  result.symbol_of = [&guest](arm::VirtAddr pc) { return boot::symbol_text(guest, pc); };

  const auto end_of = [](const run::Result& r, event::AgentId cpu) {
    return *std::find_if(r.guests.begin(), r.guests.end(), [&](const run::GuestEnd& g) { return g.agent == cpu; });
  };
  for (auto& cpu : cpus) cpu.stopped = why(options, end_of(result, cpu.agent), console);
  const run::GuestEnd end = end_of(result, cpus.front().agent);
  const bool second = options.second_mmu_on && end_of(result, cpus.at(1).agent).ending == pe::Ending::MmuOn;
  if (result.limit == run::Limit::None && !second && !arrived(options, end, console)) {
    result.limit = run::Limit::Guest;
    result.limit_text = "the guest " + cpus.front().stopped;
  }
  boot::Told told;
  told.guest = &guest;
  told.window = &windows.front();
  told.guest_agent = cpus.front().agent;
  told.name = options.request.image.string();
  told.variant = boot::name_of(options.request.vmm);
  told.console = console.text();
  told.stopped = "guest: " + cpus.front().stopped;
  told.others.assign(cpus.begin() + 1, cpus.end());
  told.exit_code = result.exit_code(true);
  std::vector<boot::Mutation> mutations;
  if (options.mutate) {
    mutations =
        mutated(scenario, options, result, told, [&](const run::Result& r) { return end_of(r, told.guest_agent); });
    told.mutations = &mutations;
    if (interrupted()) {
      told.mutations = nullptr;
      result.limit = run::Limit::Interrupted;
      result.limit_text = "interrupted; what carries the boot was not found out";
      told.exit_code = result.exit_code(true);
    }
  }
  if (options.disasm) told.listing = &listing;
  if (!options.json && !options.quiet && !console.text().empty()) print(console.text().ends_with('\n') ? "\n" : "\n\n");
  print(options.json    ? boot::json(result, told)
        : options.brief ? boot::brief(result, told, options.color)
                        : boot::text(result, told, options.color));
  return told.exit_code;
}

int run_boot(const Command& self, const std::vector<std::string>& arguments) {
  const auto options = read_boot_options(self, arguments);
  if (!options) return kAsExpected;
  try {
    return boot(*options);
  } catch (const guest::FileError& e) {
    throw UsageError(e.what());
  }
}

}  // namespace

const Command kBoot{
    "boot", "boot [OPTIONS] IMAGE",
    "Boot a guest and report what it does with its MMU off, and what went stale.\n"
    "IMAGE is firmware (a raw file, at 0), an arm64 Linux Image or an ELF file; each may be compressed by gzip.",
    "  staleline boot u-boot.bin --until mmu-on\n"
    "  staleline boot u-boot.bin --until 'console:U-Boot'\n"
    "  staleline boot Image --vmm copy --map System.map\n"
    "  staleline boot Image --vmm kvm,toggle-flush=off --until mmu-on --mutate\n"
    "  staleline boot Image --dtb virt.dtb --show-scenario\n",
    run_boot};

}  // namespace staleline::cli
