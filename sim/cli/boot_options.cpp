// SPDX-License-Identifier: Apache-2.0
// Parses and checks the options of `boot`.
#include "boot_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "run_options.h"
#include "staleline/a64/number.h"
#include "staleline/platform/parameters.h"

namespace staleline::cli {
namespace {

constexpr std::uint64_t kMostInstructions = 100'000'000;

std::uint64_t parsed(std::string_view name, const std::string& text) {
  const auto value = a64::parse_number(text);
  if (const auto* wrong = std::get_if<std::string>(&value)) throw UsageError(fmt::format("{}: {}", name, *wrong));
  return std::get<std::uint64_t>(value);
}

void read_until(const std::string& text, BootOptions& out) {
  const auto colon = text.find(':');
  const std::string what = text.substr(0, colon);
  const std::string value = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool has_value = !value.empty();
  if (what == "mmu-on" && colon == std::string::npos) {
    out.until.mmu_on = true;
  } else if (what == "mmu-on" && value == "1") {
    out.second_mmu_on = true;
  } else if (what == "instructions" && has_value) {
    out.asked_instructions = parsed("--until", value);
    if (out.asked_instructions == 0) throw UsageError("--until: expected at least 1 instruction, found `0`");
  } else if (what == "pc" && has_value) {
    out.until.pc = arm::VirtAddr{parsed("--until", value)};
  } else if (what == "console" && has_value) {
    out.console = value;
  } else {
    static constexpr std::array<std::string_view, 4> kWhat{"mmu-on", "instructions", "pc", "console"};
    throw UsageError(
        fmt::format("--until: expected mmu-on, mmu-on:1, instructions:N, pc:ADDRESS or console:TEXT, found `{}`{}",
                    text, suggestion(what, kWhat)));
  }
}

/// KIND, or kvm and its switches: kvm,toggle-flush=off.
boot::Vmm read_vmm(const std::string& text) {
  const std::string kind = text.substr(0, text.find(','));
  const auto at = std::find(std::begin(boot::kVmms), std::end(boot::kVmms), kind);
  if (at == std::end(boot::kVmms))
    throw UsageError(fmt::format("--vmm: expected {}, found `{}`{}", fmt::join(boot::kVmms, ", "), kind,
                                 suggestion(kind, boot::kVmms)));
  boot::Vmm vmm{static_cast<boot::Vmm::Kind>(at - std::begin(boot::kVmms))};
  constexpr std::array<std::pair<std::string_view, bool boot::Vmm::*>, 3> kSwitches{
      {{"toggle-flush", &boot::Vmm::toggle_flush}, {"fwb", &boot::Vmm::fwb}, {"setway-trap", &boot::Vmm::setway_trap}}};
  std::array<bool, kSwitches.size()> said{};
  for (std::size_t begin = kind.size(); begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin + 1), text.size());
    const std::string one = text.substr(begin + 1, end - begin - 1);
    begin = end;
    const std::string name = one.substr(0, one.find('='));
    const std::string value = name.size() < one.size() ? one.substr(name.size() + 1) : "";
    const auto found =
        std::find_if(kSwitches.begin(), kSwitches.end(), [&name](const auto& s) { return s.first == name; });
    if (vmm.kind != boot::Vmm::Kind::Kvm || found == kSwitches.end() || (value != "on" && value != "off")) {
      static constexpr std::array<std::string_view, 3> kNames{"toggle-flush", "fwb", "setway-trap"};
      throw UsageError(
          fmt::format("--vmm: expected kvm with toggle-flush, fwb or setway-trap =on or =off, found `{}`{}", text,
                      found == kSwitches.end() ? suggestion(name, kNames) : ""));
    }
    if (std::exchange(said[static_cast<std::size_t>(found - kSwitches.begin())], true))
      throw UsageError(fmt::format("--vmm: {} is said twice in `{}`", name, text));
    vmm.*(found->second) = value == "on";
  }
  return vmm;
}

/// ADDRESS=WORD
std::pair<arm::PhysAddr, std::uint32_t> read_patch(const std::string& text) {
  const auto equals = std::min(text.find('='), text.size());
  if (equals == text.size()) throw UsageError(fmt::format("--patch: expected ADDRESS=WORD, found `{}`", text));
  const std::uint64_t at = parsed("--patch", text.substr(0, equals)), word = parsed("--patch", text.substr(equals + 1));
  if (at % 4 != 0 || word > std::numeric_limits<std::uint32_t>::max())
    throw UsageError(fmt::format("--patch: expected a multiple of 4 and 32 bits, found `{}`", text));
  return {arm::PhysAddr{at}, static_cast<std::uint32_t>(word)};
}

void read_registers(const po::variables_map& values, BootOptions& out) {
  boot::RegisterLines& lines = out.register_lines;
  if (values.count("registers") != 0) out.registers = values["registers"].as<std::string>();
  for (const char* name : {"hash-every", "registers-at"})
    if (values.count(name) != 0 && out.registers.empty())
      throw UsageError(fmt::format("--{}: goes with --registers", name));
  lines.every = number(values, "hash-every", lines.every);
  if (lines.every == 0) throw UsageError("--hash-every: expected at least 1, found `0`");
  if (values.count("registers-at") == 0) return;
  const std::string text = values["registers-at"].as<std::string>();
  const auto colon = text.find(':');
  if (colon == std::string::npos) throw UsageError(fmt::format("--registers-at: expected N:AROUND, found `{}`", text));
  const std::uint64_t middle = parsed("--registers-at", text.substr(0, colon)),
                      around = parsed("--registers-at", text.substr(colon + 1));
  lines.range = {middle - std::min(middle, around), middle + around};
}

/// A preset, `virt-a57` for `cortex-a57`, or a platform file.
void read_platform(const std::string& text, BootOptions& out) {
  std::string name = text;
  if (name.starts_with("virt-a")) name = "cortex-" + name.substr(5);
  for (const auto& preset : platform::presets()) {
    if (preset.name != name) continue;
    out.request.platform = name;
    return;
  }
  read_platform_file(text, out.platform);
}

template <class T = std::string>
auto* named(const char* name) {
  return po::value<T>()->value_name(name);
}

}  // namespace

std::optional<BootOptions> read_boot_options(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  // clang-format off
  options.add_options()
      ("dtb", named("FILE"), "the device tree; that of the modelled machine if left out")
      ("vmm", named("KIND"), "who put the image into memory: none, copy, qemu, kvm[,SWITCH=on|off] (none)")
      ("until", named("WHAT"), "mmu-on, mmu-on:1 (of the second CPU), instructions:N, pc:ADDRESS or console:TEXT")
      ("max-instructions", named("N"), "stop after N instructions, exit code 3 (100000000)")
      ("max-cycles", named("N"), "stop after N cycles, exit code 3")
      ("load", named("ADDRESS"), "where the image goes")
      ("map", named("FILE"), "the kernel's System.map")
      ("patch", named<std::vector<std::string>>("ADDRESS=WORD"), "another word of the image, such as an instruction")
      ("bootargs", named("TEXT"), "the kernel's command line")
      ("cpus", named("N"), "how many CPUs the guest finds, 1 or 2 (1)")
      ("platform", named("NAME"), "a preset, such as virt-a57, or a platform file")
      ("set", named<std::vector<std::string>>("KEY=VALUE"), "change one platform parameter")
      ("seed", named("N"), "seed of everything random (1)")
      ("adversary", named("RATE"), "random legal fills and evictions per thousand cycles")
      ("window", named("N"), "cycles that PEs may run ahead of each other")
      ("registers", named("FILE"), "write hashes of the registers, or - for standard output; time counts instructions")
      ("hash-every", named("N"), "of how many instructions a hash is written (65536)")
      ("registers-at", named("N:AROUND"), "write the registers before each instruction about number N instead")
      ("no-judge", "execute only: no hazards, no table of the MMU-off window")
      ("mutate", "leave out each maintenance operation and barrier of the MMU-off window, one at a time")
      ("disasm", "print the instructions that were executed with the MMU off")
      ("show-scenario", "print the scenario that is run")
      ("brief", "print what was done with the MMU off by kind, in a few lines")
      ("json", "print the report as JSON")
      ("quiet,q", "do not print what the guest prints")
      ("color", named("WHEN"), "auto, always or never (auto)");
  // clang-format on
  BootOptions out;
  po::variables_map values;
  std::vector<std::string> words;
  if (!parse(self, options, arguments, values, words)) return std::nullopt;
  if (words.size() != 1)
    throw UsageError(words.empty() ? "boot: give one IMAGE" : "boot: give one IMAGE; there are several");
  const auto text_of = [&values](const char* name) { return values[name].as<std::string>(); };
  out.request.image = words[0];
  if (values.count("dtb") != 0) out.request.dtb = text_of("dtb");
  if (values.count("map") != 0) out.request.system_map = text_of("map");
  if (values.count("load") != 0) out.request.load_at = arm::PhysAddr{number(values, "load", 0)};
  if (values.count("patch") != 0)
    for (const auto& p : values["patch"].as<std::vector<std::string>>()) out.request.patches.push_back(read_patch(p));
  if (values.count("bootargs") != 0) out.request.bootargs = text_of("bootargs");
  if (values.count("vmm") != 0) out.request.vmm = read_vmm(text_of("vmm"));
  const auto cpus = number(values, "cpus", 1);
  if (cpus != 1 && cpus != 2) throw UsageError(fmt::format("--cpus: expected 1 or 2, found `{}`", cpus));
  out.request.cpus = static_cast<unsigned>(cpus);
  if (values.count("until") != 0) read_until(text_of("until"), out);
  if (out.second_mmu_on && out.request.cpus == 1) throw UsageError("--until mmu-on:1: needs --cpus 2");
  const auto most = number(values, "max-instructions", kMostInstructions);
  if (most == 0) throw UsageError("--max-instructions: expected at least 1, found `0`");
  out.until.instructions = out.asked_instructions == 0 ? most : std::min(most, out.asked_instructions);
  out.run.started = {.pc = {}, .instructions = most, .mmu_on = out.second_mmu_on};
  out.run.max_cycles = number(values, "max-cycles", std::numeric_limits<std::uint64_t>::max());
  if (out.run.max_cycles == 0) throw UsageError("--max-cycles: expected at least 1, found `0`");
  out.run.seed = number(values, "seed", 1);
  out.run.window = number(values, "window", 0);
  if (values.count("adversary") != 0) out.run.adversary = adversary_rate(text_of("adversary"));
  read_registers(values, out);
  out.run.judge = values.count("no-judge") == 0;
  out.json = values.count("json") != 0;
  out.mutate = values.count("mutate") != 0;
  out.disasm = values.count("disasm") != 0;
  out.brief = values.count("brief") != 0;
  if (out.json && out.brief) throw UsageError("--brief does not go with --json");
  if (out.mutate && !out.run.judge) throw UsageError("--mutate does not go with --no-judge: it asks the judge");
  out.quiet = values.count("quiet") != 0;
  out.show_scenario = values.count("show-scenario") != 0;
  if (out.json && out.show_scenario) throw UsageError("--show-scenario does not go with --json");
  if (out.json && out.registers == "-") throw UsageError("--registers - does not go with --json: name a file");
  out.color = use_color(values.count("color") != 0 ? text_of("color") : "auto") && !out.json;
  if (values.count("platform") != 0) read_platform(text_of("platform"), out);
  if (values.count("set") != 0)
    for (const auto& s : values["set"].as<std::vector<std::string>>()) read_set(s, out.platform);
  return out;
}

}  // namespace staleline::cli
