// SPDX-License-Identifier: Apache-2.0
// Booting a guest: from its image to a scenario, its run with the MMU-off window watched, and the report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "staleline/event/listener.h"
#include "staleline/guest/symbols.h"
#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

namespace staleline::boot {

/// Who has put the image into memory.
struct Vmm {
  enum class Kind : std::uint8_t {
    None,  ///< it is there: reset, caches invalid, no other mapping
    Copy,  ///< copied through a cacheable mapping, which stays; no maintenance
    Qemu,  ///< the same, then cleaned to the Point of Unification
    Kvm,   ///< the same, and each page is cleaned to the Point of Coherency when the guest touches it first
  };
  Kind kind = Kind::None;
  // Of Kvm:
  bool toggle_flush = true;  ///< all that is mapped is cleaned when SCTLR_EL1.{M,C} both come on, or cease to be
  bool fwb = false;          ///< HCR_EL2.FWB: stage 2 makes all memory Write-Back, and nothing is cleaned
  bool setway_trap = true;   ///< HCR_EL2.TSW
};
inline constexpr std::string_view kVmms[] = {"none", "copy", "qemu", "kvm"};
/// As a user writes it: "kvm,toggle-flush=off".
[[nodiscard]] std::string name_of(const Vmm& vmm);

struct Request {
  std::filesystem::path image;
  std::optional<std::filesystem::path> dtb{};         ///< without: that of the modelled machine
  std::optional<std::filesystem::path> system_map{};  ///< symbols of a kernel
  std::optional<arm::PhysAddr> load_at{};
  std::optional<std::string> bootargs{};
  unsigned cpus = 1;  ///< 1 or 2
  /// Words of the image that are other ones: what a guest would do if it had another instruction there.
  std::vector<std::pair<arm::PhysAddr, std::uint32_t>> patches{};
  Vmm vmm{};
  std::string platform = "cortex-a57";
};

/// A guest as a scenario of one variant, `boot`.
struct Guest {
  std::string text;                 ///< of the scenario
  scenario::Document::Files files;  ///< its payloads by the names that the text has
  guest::Symbols symbols;
  arm::PhysAddr entry{};
};

/// Throws guest::FileError where a file is not what it should be.
[[nodiscard]] Guest compose(const Request& request);

/// What an agent does while its stage 1 MMU is off, by instruction; maintenance by address also by run of lines.
class Window final : public event::Listener {
 public:
  explicit Window(event::AgentId guest) : guest_(guest) {}
  void on_event(const event::Event& e) override;
  [[nodiscard]] std::uint32_t kinds() const override {
    using event::Kind;
    return just(Kind::Read) | just(Kind::Write) | just(Kind::Maintenance) | just(Kind::Barrier) | just(Kind::Tlbi) |
           just(Kind::ContextSync) | just(Kind::SystemRegister);
  }

  struct Row {
    event::SourceLine line{};
    event::Kind kind = event::Kind::Read;
    std::uint32_t aux = 0;  ///< of a Maintenance, Barrier or Tlbi event; ContextSync: an ISB or an exception
    arm::PhysAddr first{}, end{};
    event::Cycle since = 0;  ///< of its first event
    std::uint64_t times = 0;
    std::uint64_t protects = 0;      ///< maintenance: lines among them that the guest wrote with its MMU off before
    event::SourceLine protected_{};  ///< the newest of these stores
  };
  /// In the order of their first event.
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] bool open() const { return open_; }
  /// The cycle in which the MMU came on; 0 where it did not.
  [[nodiscard]] event::Cycle closed_at() const { return closed_at_; }

 private:
  Row& row(const event::Event& e);
  Row& access_row(const event::Event& e);
  event::AgentId guest_;
  bool open_ = true;
  event::Cycle closed_at_ = 0;
  std::vector<Row> rows_;
  struct Runs {
    std::size_t last = 0, count = 0;
  };
  std::map<std::tuple<std::uint32_t, std::uint8_t, std::uint32_t>, Runs> index_;
  // Where the row of a load or store is, by its instruction.
  struct Recent {
    std::uint64_t key = ~std::uint64_t{0};
    std::size_t row = 0;
  };
  std::vector<Recent> recent_ = std::vector<Recent>(1024);
  std::map<std::uint64_t, event::SourceLine> written_;  // by cache line
};

struct Mutation;
class Listing;

/// What the report needs besides the result.
struct Told {
  const Guest* guest = nullptr;
  const Window* window = nullptr;
  event::AgentId guest_agent{};
  std::string name, variant;  ///< of the image as the user spelled it, and how it was put into memory
  std::string console;
  std::string stopped;  ///< why the guest's program is over
  int exit_code = 0;
  const std::vector<Mutation>* mutations = nullptr;  ///< where somebody asked for them
  const Listing* listing = nullptr;                  ///< the same
  /// A CPU that the guest may start.
  struct Cpu {
    std::string name;
    event::AgentId agent{};
    const Window* window = nullptr;
    std::string stopped;  ///< why its program is over
  };
  std::vector<Cpu> others{};
};

/// "name+0x10"; empty where no symbol covers it.
[[nodiscard]] std::string symbol_text(const Guest& guest, arm::VirtAddr pc);
/// "name+0x10 (0x40200040)" and the instruction there.
[[nodiscard]] std::string place_text(const Guest& guest, const pe::CodePlace& place);
[[nodiscard]] std::string instruction_text(const pe::CodePlace& place);
[[nodiscard]] constexpr bool is_isb(std::uint32_t word) { return (word & 0xffff'f0ff) == 0xd503'30df; }

/// For people in a hurry: what was done with the MMU off, a line for each kind, and the verdict.
[[nodiscard]] std::string brief(const run::Result& result, const Told& told, bool color);
/// For people: the window as a table, each hazard with its place and fix, the verdict.
[[nodiscard]] std::string text(const run::Result& result, const Told& told, bool color);
/// The same for machines.
[[nodiscard]] std::string json(const run::Result& result, const Told& told);

}  // namespace staleline::boot
