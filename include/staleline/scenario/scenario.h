// SPDX-License-Identifier: Apache-2.0
// A scenario as it is run: one variant of a file, every name resolved, every program assembled.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "staleline/a64/directive.h"
#include "staleline/a64/instruction.h"
#include "staleline/arm/address.h"
#include "staleline/arm/attributes.h"
#include "staleline/arm/system_registers.h"
#include "staleline/event/types.h"
#include "staleline/judge/hazard.h"
#include "staleline/scenario/diagnostic.h"

namespace staleline::scenario {

/// A named range of physical memory. Regions overlap only where one is declared inside another.
struct Region {
  std::string name;
  arm::PhysAddr base{};
  std::uint64_t bytes = 0;
  event::SourceLine line{};
  /// What stands behind the addresses: read-write memory, registers of a device, memory whose accesses are denied,
  /// memory that knows no cache maintenance; or the registers of a device that is modelled.
  enum class Kind : std::uint8_t {
    Ram,
    Device,
    Firewalled,
    Flash,
    Pl011,
    GicDistributor,
    GicCpuInterface
  } kind = Kind::Ram;
};

/// Initial contents, and optionally who holds the lines. Applied in file order before cycle 0.
struct Init {
  std::uint32_t region = 0;
  std::uint64_t offset = 0, bytes = 0;
  std::vector<std::uint8_t> contents;  ///< repeated to fill `bytes`; empty: only residency changes
  enum class Held : std::uint8_t { InMemory, Clean, Dirty } held = Held::InMemory;
  event::AgentId holder{};  ///< for Clean and Dirty: into the caches of this agent's PE
  event::SourceLine line{};
};

/// One region of one view: how the agents of that view reach it. Where the view has tables, what they say at first.
struct Mapping {
  std::uint32_t region = 0;
  arm::VirtAddr va{};                             ///< defaults to the physical address
  arm::MemoryAttributes stage1{};                 ///< with its shareability
  std::optional<arm::MemoryAttributes> stage2{};  ///< absent: no stage 2
  bool held = true;  ///< false: its descriptors are invalid or lack the Access flag, so that no TLB may hold them
  event::SourceLine line{};
};

/// How a group of agents sees memory.
struct View {
  std::string name;
  bool m = true, c = true, i = true;  ///< SCTLR_ELx.{M,C,I} at the start
  bool dc = false;                    ///< HCR_EL2.DC: Normal Write-Back with stage 1 off
  bool always_live = false;           ///< its cacheable mappings may be speculated through at any time,
                                      ///< even if no agent of this view runs (a linear map)
  std::vector<Mapping> mappings;      ///< stage 1 per region; with m = false only stage 2 counts
  arm::MemoryAttributes walk{};       ///< what a translation table walk uses (TCR_EL1 IRGN0, ORGN0, SH0)
  std::uint8_t el = 1;                ///< whose translation regime it is: EL1&0, EL2 or (with e2h) EL2&0
  bool e2h = false;                   ///< HCR_EL2.{E2H,TGE} are set
  /// True: `registers` point to descriptors in memory, which `Scenario::init` holds, and `mappings` only say where
  /// names lie. False: `mappings` are the translation.
  bool tables = false;
  /// What the translation registers hold at the start, `tables` only: SCTLR, TCR, TTBR0, TTBR1 and MAIR of the regime
  /// (those of stage 1 only with M set or tables for it), HCR_EL2, and with a stage 2 VTCR_EL2 and VTTBR_EL2.
  std::vector<std::pair<arm::SystemRegister, std::uint64_t>> registers;
};

struct Agent {
  std::string name;
  enum class Kind : std::uint8_t { Program, Device, Smmu } kind = Kind::Program;
  std::uint8_t core = 0;   ///< Program: the PE it runs on
  std::uint32_t view = 0;  ///< Program, and Device with `translated`: index into views
  std::uint8_t el = 1;     ///< Program: the Exception level that it runs at, 1 or 2
  bool snoops = false;     ///< Device: IO-coherent
  /// Device: index into smmus, where one stands before it; then its addresses are virtual.
  std::optional<std::uint32_t> smmu{};
  bool translated = false;                   ///< Device behind an SMMU: `view` says how; else the SMMU lets it pass
  std::uint32_t stream = 0;                  ///< its StreamID
  std::optional<std::uint32_t> substream{};  ///< its SubstreamID
  /// Program: sent where a fault of stage 2 tables is taken to EL2 (`.await AGENT.abort`).
  std::optional<event::EdgeId> abort{};
  /// Program that is fetched: its PE is off until PSCI CPU_ON, which sends this and says where it begins.
  std::optional<event::EdgeId> start{};
  /// Program: system registers at the start, after those of its view.
  std::vector<std::pair<arm::SystemRegister, std::uint64_t>> registers{};
  a64::Program program;  ///< may be empty
  event::SourceLine line{};
};

/// An SMMUv3 and how it was set up before cycle 0. What its tables say lies in `Scenario::init`.
struct Smmu {
  std::string name;
  event::AgentId agent{};                                          ///< itself: an agent of Kind::Smmu without a program
  std::uint32_t region = 0;                                        ///< its registers: pages 0 and 1, Kind::Device
  bool coherent = true;                                            ///< IDR0.COHACC
  bool broadcast = false;                                          ///< IDR0.BTM
  std::vector<std::pair<std::uint32_t, std::uint64_t>> registers;  ///< offset and value, to be written in this order
  /// Stores to its registers (it receives), CMD_SYNCs that are done and events that are recorded (it sends).
  event::EdgeId doorbell{}, sync{}, record{};
  event::SourceLine line{};
};

/// A named intent edge, resolved from .publish / .handoff / .doorbell / .complete.
struct Edge {
  std::string name;  ///< "cpu.freed", "handoff guest", "doorbell nic", "nic.complete"
  event::AgentId from{};
};

/// A placed event that carries no intent and no order.
struct Placed {
  enum class What : std::uint8_t { Fill, Evict, InstructionFill, Drain, TlbFill } what = What::Fill;
  event::AgentId after_agent{};
  event::SourceLine after_line{};  ///< after the first execution of this line of that agent; 0: at the start
  event::AgentId by{};             ///< in whose PE it happens
  std::uint32_t region = 0;
  std::uint64_t offset = 0, bytes = 0;
  arm::VirtAddr va{};     ///< TlbFill: where the view of `by` has the first byte
  bool optional = false;  ///< no error if nothing was there to evict
  event::SourceLine line{};
};

/// A hazard that this variant declares. Matches on id, agent and region; on the verdict only if given.
struct ExpectedHazard {
  judge::HazardId id{};
  event::AgentId agent{};
  std::optional<std::uint32_t> region{};
  std::optional<judge::Verdict> verdict{};
  event::SourceLine line{};
};

/// A barrier or maintenance operation of a fix that this scenario does not need, with the reason.
struct Redundant {
  std::string label;  ///< as written: LABEL or AGENT.LABEL
  std::string why;
  event::AgentId agent{};           ///< whose program has it
  event::SourceLine instruction{};  ///< the line of the instruction at the label
  event::SourceLine line{};
};

/// `key: value` overrides on a preset, checked by the platform room against its parameter table.
struct PlatformRequest {
  std::string preset = "cortex-a57";
  struct Override {
    std::string key, value;
    std::uint32_t line = 0, column = 0;
    std::string file;
  };
  std::vector<Override> overrides;
};

struct Scenario {
  std::string file;  ///< as the user spelled it
  std::string name, about, source, variant;
  PlatformRequest platform;
  std::vector<Region> regions;
  std::vector<Init> init;
  std::vector<View> views;
  std::vector<Agent> agents;  ///< those of the file, then the SMMUs
  std::vector<Smmu> smmus;
  std::vector<Edge> edges;
  std::vector<Placed> schedule;
  std::vector<ExpectedHazard> expected;
  std::vector<Redundant> redundant;
  std::vector<std::string> source_lines;  ///< the file, for reports that quote it
};

/// A file with all its variants; `variant` resolves and assembles one.
class Document {
 public:
  /// Contents of payload files by name, for those that lie in no folder.
  using Files = std::map<std::string, std::vector<std::uint8_t>>;
  /// Reads `text` as the contents of `file`. Throws InputError. Payload files are found in `files`, then relative to
  /// `folder`.
  static Document parse(std::string file, std::string text, std::string folder, const Files& files = {});
  /// Reads a file, or standard input for "-". Throws InputError.
  static Document load(const std::string& path);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& about() const { return about_; }
  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::vector<std::string>& variants() const { return variants_; }
  /// Already checked by parse(): throws only for an unknown variant name (InputError).
  [[nodiscard]] const Scenario& variant(const std::string& name) const;

 private:
  std::string file_, name_, about_, source_;
  std::vector<std::string> variants_;
  std::map<std::string, Scenario> scenarios_;
};

/// The JSON Schema of scenario files, as text (draft 2020-12).
[[nodiscard]] std::string json_schema();
/// The commented template that `staleline new NAME` prints.
[[nodiscard]] std::string starter(const std::string& name);

}  // namespace staleline::scenario
