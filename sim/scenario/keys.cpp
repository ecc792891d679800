// SPDX-License-Identifier: Apache-2.0
// The table of keys.
#include "keys.h"

#include <array>

namespace staleline::scenario {

namespace {

constexpr bool kRequired = true, kOptional = false;

constexpr Key kDocument[] = {
    {"schema", Shape::One, kRequired, "The version of this format: 1."},
    {"scenario", Shape::ScenarioName, kRequired, "The name of the scenario, such as `my-driver/rx-ring`."},
    {"about", Shape::Text, kOptional, "What happens, in a sentence or two."},
    {"source", Shape::Text, kOptional, "Where it was seen: a commit, a report."},
    {"platform", Shape::Platform, kOptional, "A preset, or a mapping of platform parameters with `preset`."},
    {"memory", Shape::Regions, kRequired, "Named regions of physical memory."},
    {"init", Shape::Inits, kOptional, "Contents of memory and caches before cycle 0, in this order."},
    {"mappings", Shape::Views, kOptional, "Views: how agents reach the regions."},
    {"smmu", Shape::Smmus, kOptional, "SMMUs that stand before devices."},
    {"agents", Shape::Agents, kRequired, "Who acts: programs on cores, devices."},
    {"program", Shape::Programs, kOptional, "What each agent does that has no `code`."},
    {"schedule", Shape::Schedule, kOptional, "Fills, evictions and drains at chosen points."},
    {"variants", Shape::Variants, kRequired, "Versions of the scenario, each with the hazards that it has."},
};
constexpr Key kRegion[] = {
    {"base", Shape::Number, kOptional, "The physical address."},
    {"at", Shape::Place, kOptional, "Instead of `base`: a place inside another region."},
    {"size", Shape::Number, kOptional, "Bytes. May be left out where there is a payload."},
    {"payload", Shape::Text, kOptional, "A file whose bytes programs can copy; relative to the scenario's folder."},
    {"kind", Shape::RegionKind, kOptional, "What stands behind the addresses; ram if left out."},
};
constexpr Key kInit[] = {
    {"region", Shape::RegionPart, kRequired, "Which bytes."},
    {"bytes", Shape::Byte, kOptional, "A byte, or a list of bytes that is repeated."},
    {"payload", Shape::Flag, kOptional, "The region's payload is in memory; off if left out."},
    {"held", Shape::Held, kOptional, "The lines are in the caches of the PE of `by`, clean or dirty."},
    {"by", Shape::Name, kOptional, "The agent whose PE holds the lines."},
};
constexpr Key kView[] = {
    {"mmu", Shape::Flag, kOptional, "SCTLR_ELx.M at the start; on if left out."},
    {"c", Shape::Flag, kOptional, "SCTLR_ELx.C at the start; as `mmu` if left out."},
    {"i", Shape::Flag, kOptional, "SCTLR_ELx.I at the start; on if left out."},
    {"dc", Shape::Flag, kOptional, "With `mmu: off`: HCR_EL2.DC, Normal Write-Back in place of Device memory."},
    {"always_live", Shape::Flag, kOptional, "Speculation may use these mappings at any time, as with a linear map."},
    {"el", Shape::ExceptionLevel, kOptional, "Whose translation regime: EL1&0 or EL2; 1 if left out."},
    {"e2h", Shape::Flag, kOptional, "With `el: 2`: the EL2&0 regime (HCR_EL2.E2H and TGE)."},
    {"tables", Shape::Tables1, kOptional, "Stage 1 has translation tables in memory, made from `stage1`."},
    {"stage1", Shape::Mappings1, kOptional, "Attributes of each region; all Normal Write-Back if left out."},
    {"stage2", Shape::Mappings2, kOptional, "Stage 2 attributes of each region; no stage 2 if left out."},
    {"walk", Shape::WalkAttributes, kOptional, "Attributes of translation table walks; normal-wb, ish if left out."},
};
constexpr Key kMapping1[] = {
    {"attr", Shape::Attributes, kRequired, "The memory attributes."},
    {"sh", Shape::Shareability, kOptional, "The shareability; ish if left out."},
    {"va", Shape::Number, kOptional, "The virtual address; the physical one if left out."},
    {"ap", Shape::Permission, kOptional, "With tables: read-write or read-only; rw if left out."},
    {"user", Shape::Flag, kOptional, "With tables: EL0 may access it too; off if left out."},
    {"xn", Shape::Flag, kOptional, "With tables: not executable; off if left out."},
    {"ng", Shape::Flag, kOptional, "With tables: not global, of its ASID only; off if left out."},
    {"block", Shape::Block, kOptional, "With tables: what one descriptor maps; page if left out, auto: the largest."},
    {"contiguous", Shape::Flag, kOptional, "With tables: the Contiguous bit; off if left out."},
    {"valid", Shape::Flag, kOptional, "With tables: off leaves invalid descriptors in place; on if left out."},
    {"af", Shape::Flag, kOptional, "With tables: the Access flag; on if left out."},
};
constexpr Key kMapping2[] = {
    {"attr", Shape::Attributes, kRequired, "The memory attributes."},
    {"sh", Shape::Shareability, kOptional, "The shareability; ish if left out."},
    {"ipa", Shape::Number, kOptional, "With tables: the intermediate physical address; the physical one if left out."},
    {"ap", Shape::Permission, kOptional, "With tables: read-write or read-only; rw if left out."},
    {"xn", Shape::Flag, kOptional, "With tables: not executable; off if left out."},
    {"block", Shape::Block, kOptional, "With tables: what one descriptor maps; page if left out, auto: the largest."},
    {"contiguous", Shape::Flag, kOptional, "With tables: the Contiguous bit; off if left out."},
    {"valid", Shape::Flag, kOptional, "With tables: off leaves invalid descriptors in place; on if left out."},
    {"af", Shape::Flag, kOptional, "With tables: the Access flag; on if left out."},
};
constexpr Key kTables1[] = {
    {"at", Shape::Name, kRequired, "The region that the descriptors lie in; several views may share one."},
    {"granule", Shape::Granule, kOptional, "The translation granule; 4k if left out."},
    {"asid", Shape::Number, kOptional, "The ASID in TTBR0; 0 if left out."},
    {"va_bits", Shape::Number, kOptional, "The size of each half of virtual memory (64 - TCR.TxSZ); 48 if left out."},
    {"walk", Shape::WalkAttributes, kOptional, "Attributes of walks (TCR.IRGN, ORGN, SH); `walk` of the view."},
};
constexpr Key kTables2[] = {
    {"at", Shape::Name, kRequired, "The region that the descriptors lie in; several views may share one."},
    {"granule", Shape::Granule, kOptional, "The translation granule; 4k if left out."},
    {"vmid", Shape::Number, kOptional, "The VMID in VTTBR_EL2; 0 if left out."},
    {"ipa_bits", Shape::Number, kOptional,
     "The size of intermediate physical memory (64 - VTCR.T0SZ); 40 if left out."},
    {"walk", Shape::WalkAttributes, kOptional,
     "Attributes of walks (VTCR.IRGN, ORGN, SH); normal-wb, ish if left out."},
};
constexpr Key kWalk[] = {
    {"attr", Shape::Attributes, kRequired, "The memory attributes."},
    {"sh", Shape::Shareability, kOptional, "The shareability; ish if left out."},
};
constexpr Key kAgent[] = {
    {"core", Shape::Number, kOptional, "The PE that runs its program."},
    {"view", Shape::Name, kOptional, "How it reaches memory; may be left out where there is one view."},
    {"el", Shape::ExceptionLevel, kOptional, "Its Exception level; that of its view if left out."},
    {"code", Shape::CodePlace, kOptional,
     "Instead of a program: it executes the A64 instructions that memory holds, from this address on."},
    {"registers", Shape::Registers, kOptional, "With `code`: what registers hold at the start."},
    {"power", Shape::Flag, kOptional, "`off`: instead of `code`; it begins where PSCI CPU_ON of another agent says."},
    {"device", Shape::DeviceKind, kOptional, "Instead of `core`: a DMA engine."},
    {"smmu", Shape::Name, kOptional, "The SMMU before a device. Its `view`, which has tables, is what it translates."},
    {"stream", Shape::Number, kOptional, "The StreamID of a device behind an SMMU."},
    {"substream", Shape::Number, kOptional, "The SubstreamID of such a device; none if left out."},
};
constexpr Key kSmmu[] = {
    {"base", Shape::Number, kOptional, "Required: the physical address of its registers, 128 KiB."},
    {"coherent", Shape::Flag, kOptional, "Its own accesses may snoop (IDR0.COHACC); on if left out."},
    {"broadcast", Shape::Flag, kOptional,
     "It obeys TLB maintenance of PEs (IDR0.BTM, CR2.PTM clear); off if left out."},
    {"stream_table", Shape::Name, kOptional, "The region of its stream table."},
    {"split", Shape::Split, kOptional, "The stream table has two levels; level 2 has 2^split entries."},
    {"contexts", Shape::Name, kOptional, "The region of the context descriptors of its devices."},
    {"command_queue", Shape::Name, kOptional, "The region of its command queue."},
    {"event_queue", Shape::Name, kOptional, "The region of its event queue."},
    {"walk", Shape::WalkAttributes, kOptional,
     "Attributes of its accesses to tables and queues (CR1); normal-wb, ish."},
    {"enabled", Shape::Flag, kOptional, "Its registers are set up before the start; on if left out."},
};
constexpr Key kPlaced[] = {
    {"after", Shape::Point, kRequired, "An agent (at its start), or AGENT.LABEL (after that instruction)."},
    {"do", Shape::Placement, kRequired, "What happens."},
    {"at", Shape::RegionPart, kOptional, "To which bytes; not for drain."},
    {"by", Shape::Name, kOptional, "In whose PE; that of the agent in `after` if left out."},
    {"optional", Shape::Flag, kOptional, "No failure where there is nothing to evict, or the point is not reached."},
};
constexpr Key kVariant[] = {
    {"hazards", Shape::Hazards, kOptional, "The hazards that this variant has; none if left out."},
    {"redundant", Shape::Redundants, kOptional, "Maintenance and barriers that it could do without."},
    {"platform", Shape::Platform, kOptional, "Changes of the platform, key by key."},
    {"mappings", Shape::Views, kOptional, "Changes of the mappings, key by key."},
    {"smmu", Shape::Smmus, kOptional, "Changes of the SMMUs, key by key."},
    {"agents", Shape::Agents, kOptional, "Changes of the agents, key by key."},
    {"init", Shape::Inits, kOptional, "Replaces the scenario's `init`."},
    {"schedule", Shape::Schedule, kOptional, "Replaces the scenario's `schedule`."},
};
constexpr Key kHazard[] = {
    {"id", Shape::HazardName, kRequired, "The kind of hazard, such as SL101."},
    {"agent", Shape::Name, kRequired, "The reader that must see."},
    {"region", Shape::Name, kOptional, "Where; anywhere if left out."},
    {"verdict", Shape::Verdict, kOptional, "Matches only a hazard of this verdict."},
};
constexpr Key kRedundant[] = {
    {"label", Shape::Point, kRequired, "The label of the instruction; AGENT.LABEL where several programs have it."},
    {"why", Shape::Text, kRequired, "The reason."},
};

struct Row {
  std::string_view name;
  std::span<const Key> keys;
};
constexpr std::array<Row, kSections> kRows = {{
    {"a scenario", kDocument},
    {"a region", kRegion},
    {"an entry of `init`", kInit},
    {"a view", kView},
    {"a mapping", kMapping1},
    {"a stage 2 mapping", kMapping2},
    {"`tables`", kTables1},
    {"`tables` of stage 2", kTables2},
    {"`walk`", kWalk},
    {"an agent", kAgent},
    {"an SMMU", kSmmu},
    {"an entry of `schedule`", kPlaced},
    {"a variant", kVariant},
    {"a hazard", kHazard},
    {"an entry of `redundant`", kRedundant},
}};

}  // namespace

std::span<const Key> keys_of(Section section) { return kRows.at(static_cast<std::size_t>(section)).keys; }

std::string_view name_of(Section section) { return kRows.at(static_cast<std::size_t>(section)).name; }

}  // namespace staleline::scenario
