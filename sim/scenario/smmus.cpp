// SPDX-License-Identifier: Apache-2.0
// Setting up SMMUs.
#include "smmus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "staleline/arm/attribute_names.h"
#include "staleline/arm/shareability.h"
#include "staleline/arm/smmu.h"
#include "values.h"

namespace staleline::scenario {

namespace {

using arm::SystemRegister;
using arm::smmu::Register;

constexpr std::uint64_t kLargestQueueLog2 = 8;  // IDR1.CMDQS and EVENTQS of the model

std::uint64_t field(std::uint64_t value, unsigned low, unsigned bits) {
  return value >> low & ((std::uint64_t{1} << bits) - 1);
}

std::uint64_t register_of(const View& view, SystemRegister r) {
  for (const auto& [id, value] : view.registers) {
    if (id == r) return value;
  }
  return 0;
}

/// CR1 and the fields of CDs and STEs: 0b00 Non-cacheable, 0b01 Write-Back, 0b10 Write-Through.
std::uint64_t cacheability(const arm::CacheAttributes& c) {
  switch (c.cacheability) {
    case arm::Cacheability::NonCacheable:
      return 0;
    case arm::Cacheability::WriteThrough:
      return 2;
    case arm::Cacheability::WriteBack:
      break;
  }
  return 1;
}

/// The registers of a view as a CD has them.
arm::smmu::Cd cd_of(const View& view) {
  const std::uint64_t tcr = register_of(view, SystemRegister::TCR_EL1);
  const std::uint64_t ttbr0 = register_of(view, SystemRegister::TTBR0_EL1);
  const auto bits = [tcr](unsigned low, unsigned count) { return static_cast<std::uint8_t>(field(tcr, low, count)); };
  constexpr unsigned kAddressBits = 48;
  arm::smmu::Cd cd;
  cd.v = cd.aa64 = cd.r = cd.a = true;
  cd.t0sz = bits(0, 6);
  cd.epd0 = bits(7, 1) != 0;
  cd.ir0 = bits(8, 2);
  cd.or0 = bits(10, 2);
  cd.sh0 = bits(12, 2);
  cd.tg0 = bits(14, 2);
  cd.t1sz = bits(16, 6);
  cd.epd1 = bits(23, 1) != 0;
  cd.ir1 = bits(24, 2);
  cd.or1 = bits(26, 2);
  cd.sh1 = bits(28, 2);
  cd.tg1 = bits(30, 2);
  cd.ips = bits(32, 3);
  cd.asid = static_cast<std::uint16_t>(ttbr0 >> kAddressBits);
  cd.ttb0 = {field(ttbr0, 0, kAddressBits)};
  cd.ttb1 = {field(register_of(view, SystemRegister::TTBR1_EL1), 0, kAddressBits)};
  cd.mair = register_of(view, SystemRegister::MAIR_EL1);
  return cd;
}

/// The stage 2 registers of a view as an STE has them.
void put_stage2(const View& view, arm::smmu::Ste& ste) {
  constexpr unsigned kAddressBits = 48, kFwb = 46;
  const std::uint64_t vtcr = register_of(view, SystemRegister::VTCR_EL2);
  const std::uint64_t vttbr = register_of(view, SystemRegister::VTTBR_EL2);
  const auto bits = [vtcr](unsigned low, unsigned count) { return static_cast<std::uint8_t>(field(vtcr, low, count)); };
  ste.s2vmid = static_cast<std::uint16_t>(vttbr >> kAddressBits);
  ste.s2ttb = {field(vttbr, 0, kAddressBits)};
  ste.s2t0sz = bits(0, 6);
  ste.s2sl0 = bits(6, 2);
  ste.s2ir0 = bits(8, 2);
  ste.s2or0 = bits(10, 2);
  ste.s2sh0 = bits(12, 2);
  ste.s2tg = bits(14, 2);
  ste.s2ps = bits(16, 3);
  ste.s2aa64 = ste.s2r = true;
  ste.s2fwb = field(register_of(view, SystemRegister::HCR_EL2), kFwb, 1) != 0;
}

std::uint8_t log2_of(std::uint64_t entries) { return static_cast<std::uint8_t>(std::bit_width(entries) - 1); }

/// One SMMU on its way into memory.
class SetUp {
 public:
  SetUp(const SmmuRequest& request, const Memory& memory, const Views& views, Scenario& scenario, Problems& problems)
      : request_(request), memory_(memory), views_(views), scenario_(scenario), problems_(problems) {}

  void run(const std::vector<std::pair<std::size_t, Mark>>& devices) {
    stream_table(devices);
    smmu_.name = request_.name;
    smmu_.line = {request_.mark.line};
    smmu_.coherent = request_.coherent;
    smmu_.broadcast = request_.broadcast;
    const auto& names = memory_.names();
    smmu_.region = static_cast<std::uint32_t>(std::find(names.begin(), names.end(), request_.name) - names.begin());
    if (request_.enabled) set_registers();
    Agent agent;
    agent.name = request_.name;
    agent.kind = Agent::Kind::Smmu;
    agent.line = smmu_.line;
    smmu_.agent = {static_cast<std::uint16_t>(scenario_.agents.size())};
    scenario_.agents.push_back(std::move(agent));
    scenario_.smmus.push_back(std::move(smmu_));
  }

 private:
  /// How many entries of a power of two fit into the region, which must be aligned to them; 0: reported.
  std::uint64_t entries(const SmmuRequest::Place& place, std::uint64_t bytes, std::uint64_t most) {
    const Region& region = memory_.region(place.region);
    const std::uint64_t count = std::min(std::bit_floor(region.bytes / bytes), most);
    if (count == 0) {
      problems_.add(place.mark,
                    fmt::format("region `{}` has {} bytes: one entry has {}", region.name, region.bytes, bytes));
    } else if (region.base.offset_in(count * bytes) != 0) {
      problems_.add(place.mark,
                    fmt::format("region `{}` must begin at a multiple of its size, {:#x}", region.name, count * bytes));
      return 0;
    }
    return count;
  }

  template <std::size_t n>
  void write(const SmmuRequest::Place& place, std::uint64_t offset, const std::array<std::uint64_t, n>& words) {
    Init init;
    init.region = static_cast<std::uint32_t>(place.region);
    init.offset = offset;
    init.bytes = n * sizeof(std::uint64_t);
    init.line = {place.mark.line};
    for (const std::uint64_t word : words) {
      for (unsigned i = 0; i < 64; i += 8) init.contents.push_back(static_cast<std::uint8_t>(word >> i));
    }
    scenario_.init.push_back(std::move(init));
  }

  void stream_table(const std::vector<std::pair<std::size_t, Mark>>& devices) {
    constexpr std::uint64_t kMostStreams = 1U << 16;
    std::map<std::uint32_t, std::vector<std::pair<std::size_t, Mark>>> streams;
    for (const auto& d : devices) streams[scenario_.agents[d.first].stream].push_back(d);
    if (!request_.stream_table) {
      for (const auto& [agent, mark] : devices) {
        if (!scenario_.agents[agent].translated) continue;
        problems_.add(mark, fmt::format("SMMU `{}` needs a `stream_table`: the region for the entry of this device",
                                        request_.name));
      }
      return;
    }
    if (request_.split != 0) {
      if (!two_levels(streams)) return;
    } else {
      streams_ = entries(*request_.stream_table, arm::smmu::kSteBytes, kMostStreams);
    }
    if (streams_ == 0) return;
    for (const auto& [stream, members] : streams) {
      if (stream < streams_) {
        stream_entry(stream, members);
      } else {
        problems_.add(members[0].second,
                      fmt::format("StreamID {} goes past the end of stream table `{}`, which has {} "
                                  "entries",
                                  stream, memory_.region(request_.stream_table->region).name, streams_));
      }
    }
  }

  /// Level 1 at the beginning of the region, then a table of level 2 for each part of the StreamIDs that a device is in
  /// (IHI 0070 3.3.1.2). False where the region is too small: reported.
  template <class Streams>
  bool two_levels(const Streams& streams) {
    const SmmuRequest::Place& place = *request_.stream_table;
    const Region& region = memory_.region(place.region);
    const auto most = streams.empty() ? std::uint32_t{0} : streams.rbegin()->first;
    streams_ = std::uint64_t{1} << std::max<unsigned>(request_.split, static_cast<unsigned>(std::bit_width(most)));
    const std::uint64_t level1 = (streams_ >> request_.split) * sizeof(std::uint64_t);
    const std::uint64_t level2 = arm::smmu::kSteBytes << request_.split;
    std::uint64_t end = level1;
    for (const auto& [stream, members] : streams) {
      const auto [part, is_new] = level2_.try_emplace(stream >> request_.split, 0);
      if (!is_new) continue;
      part->second = (region.base + end).aligned_up(level2) - region.base;
      end = part->second + level2;
    }
    constexpr std::uint64_t kLeastAlignment = 64;
    if (region.base.offset_in(std::max(level1, kLeastAlignment)) != 0) {
      problems_.add(place.mark, fmt::format("region `{}` must begin at a multiple of {:#x}, the size of level 1 of its "
                                            "stream table",
                                            region.name, std::max(level1, kLeastAlignment)));
      return false;
    }
    if (end > region.bytes) {
      problems_.add(place.mark, fmt::format("region `{}` has {} bytes, but the two levels of its stream table need {}",
                                            region.name, region.bytes, end));
      return false;
    }
    for (const auto& [part, offset] : level2_) {
      const arm::smmu::L1StreamTableDescriptor d{static_cast<std::uint8_t>(request_.split + 1), region.base + offset};
      write(place, part * sizeof(std::uint64_t), std::array{arm::smmu::encode(d)});
    }
    return true;
  }

  /// Where the entry of a StreamID lies in the region.
  [[nodiscard]] std::uint64_t offset_of(std::uint32_t stream) const {
    if (request_.split == 0) return stream * arm::smmu::kSteBytes;
    const std::uint32_t index = stream & ((1U << request_.split) - 1);
    return level2_.at(stream >> request_.split) + index * arm::smmu::kSteBytes;
  }

  void stream_entry(std::uint32_t stream, const std::vector<std::pair<std::size_t, Mark>>& members) {
    using Config = arm::smmu::SteConfig;
    const Agent& first = scenario_.agents[members[0].first];
    arm::smmu::Ste ste;
    ste.v = true;
    ste.config = Config::Bypass;
    if (first.translated) {
      const View& view = scenario_.views.at(first.view);
      const bool stage1 = register_of(view, SystemRegister::MAIR_EL1) != 0;
      const bool stage2 = register_of(view, SystemRegister::VTTBR_EL2) != 0;
      ste.config = stage1 && stage2 ? Config::Nested : stage1 ? Config::Stage1 : Config::Stage2;
      if (stage2) put_stage2(view, ste);
      if (stage1 && !contexts(members, ste)) return;
    }
    for (const auto& [agent, mark] : members) {
      const Agent& a = scenario_.agents[agent];
      const bool apart = members.size() == 1 || (a.substream && a.translated && first.translated);
      if (!apart)
        problems_.add(mark, fmt::format("several devices have StreamID {}: then each needs a `view` and a "
                                        "`substream`",
                                        stream));
    }
    write(*request_.stream_table, offset_of(stream), arm::smmu::encode(ste));
  }

  bool contexts(const std::vector<std::pair<std::size_t, Mark>>& members, arm::smmu::Ste& ste) {
    if (!request_.contexts) {
      problems_.add(members[0].second,
                    fmt::format("SMMU `{}` needs `contexts`: the region for the context descriptor of "
                                "this device, whose view has a stage 1",
                                request_.name));
      return false;
    }
    std::uint64_t count = 1;
    for (const auto& member : members) {
      if (const auto& s = scenario_.agents[member.first].substream)
        count = std::max(count, std::bit_ceil(std::max<std::uint64_t>(*s + 1, 2)));
    }
    const Region& region = memory_.region(request_.contexts->region);
    const std::uint64_t bytes = count * arm::smmu::kCdBytes;
    const std::uint64_t at = (region.base + used_).aligned_up(bytes) - region.base;
    used_ = at + bytes;
    if (used_ > region.bytes) {
      problems_.add(request_.contexts->mark,
                    fmt::format("region `{}` has {} bytes, but the context descriptors need {}", region.name,
                                region.bytes, used_));
      return false;
    }
    ste.s1cd_max = log2_of(count);
    ste.s1dss = arm::smmu::SteS1dss::Substream0;
    ste.s1cir = static_cast<std::uint8_t>(cacheability(request_.walk.inner));
    ste.s1cor = static_cast<std::uint8_t>(cacheability(request_.walk.outer));
    ste.s1csh = arm::shareability_encode(request_.walk.shareability);
    ste.s1_context_ptr = region.base + at;
    if (ste.config == arm::smmu::SteConfig::Nested) {
      const std::uint32_t view = scenario_.agents[members[0].first].view;
      const Stages& stages = views_.stages.at(view);
      if (stages.stage2.covering(request_.contexts->region, memory_) == nullptr) {
        problems_.add(members[0].second,
                      fmt::format("stage 2 of view `{}` must map region `{}`: context descriptors are "
                                  "read through it",
                                  views_.views.at(view).name, region.name));
        return false;
      }
      ste.s1_context_ptr = {output_of_stage1(stages, request_.contexts->region, memory_) + at};
    }
    for (const auto& member : members) {
      const Agent& agent = scenario_.agents[member.first];
      write(*request_.contexts, at + std::uint64_t{agent.substream.value_or(0)} * arm::smmu::kCdBytes,
            arm::smmu::encode(cd_of(scenario_.views.at(agent.view))));
    }
    return true;
  }

  void set(Register r, std::uint64_t value) { smmu_.registers.emplace_back(static_cast<std::uint32_t>(r), value); }

  void queue(Register base, const SmmuRequest::Place& place, std::uint64_t entry_bytes) {
    const std::uint64_t count = entries(place, entry_bytes, std::uint64_t{1} << kLargestQueueLog2);
    if (count != 0) set(base, memory_.region(place.region).base.value | log2_of(count));
  }

  void set_registers() {
    namespace smmu = arm::smmu;
    const std::uint64_t inner = cacheability(request_.walk.inner), outer = cacheability(request_.walk.outer);
    const std::uint64_t sh = arm::shareability_encode(request_.walk.shareability);
    std::uint64_t cr1 = smmu::with(0, smmu::cr1::QUEUE_IC, inner);
    cr1 = smmu::with(smmu::with(cr1, smmu::cr1::QUEUE_OC, outer), smmu::cr1::QUEUE_SH, sh);
    cr1 = smmu::with(smmu::with(cr1, smmu::cr1::TABLE_IC, inner), smmu::cr1::TABLE_OC, outer);
    set(Register::CR1, smmu::with(cr1, smmu::cr1::TABLE_SH, sh));
    set(Register::CR2, smmu::with(smmu::with(0, smmu::cr2::RECINVSID, 1), smmu::cr2::PTM, request_.broadcast ? 0 : 1));
    std::uint64_t cr0 = 0;
    if (request_.stream_table && streams_ != 0) {
      set(Register::STRTAB_BASE, memory_.region(request_.stream_table->region).base.value);
      std::uint64_t format = smmu::with(0, smmu::strtab_base_cfg::LOG2SIZE, log2_of(streams_));
      if (request_.split != 0) {
        format =
            smmu::with(smmu::with(format, smmu::strtab_base_cfg::FMT, 1), smmu::strtab_base_cfg::SPLIT, request_.split);
      }
      set(Register::STRTAB_BASE_CFG, format);
      cr0 = smmu::with(cr0, smmu::cr0::SMMUEN, 1);
    }
    if (request_.command_queue) {
      queue(Register::CMDQ_BASE, *request_.command_queue, smmu::kCommandBytes);
      cr0 = smmu::with(cr0, smmu::cr0::CMDQEN, 1);
    }
    if (request_.event_queue) {
      queue(Register::EVENTQ_BASE, *request_.event_queue, smmu::kEventBytes);
      cr0 = smmu::with(cr0, smmu::cr0::EVENTQEN, 1);
    }
    set(Register::CR0, cr0);
  }

  const SmmuRequest& request_;
  const Memory& memory_;
  const Views& views_;
  Scenario& scenario_;
  Problems& problems_;
  Smmu smmu_;
  std::uint64_t streams_ = 0;
  std::map<std::uint32_t, std::uint64_t> level2_;  ///< offsets of the tables, by the part of the StreamIDs
  std::uint64_t used_ = 0;                         ///< bytes of `contexts`
};

}  // namespace

std::vector<SmmuRequest> read_smmus(const Node& node, const Memory& memory, Problems& problems) {
  std::vector<SmmuRequest> out;
  if (node.kind != Node::Kind::Map) return out;  // Memory reports that
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& item = node.items[i];
    SmmuRequest request;
    request.name = node.keys[i].text;
    request.mark = node.keys[i].mark;
    request.walk = *arm::parse_memory_attributes("normal-wb");
    const auto known = std::find(memory.names().begin(), memory.names().end(), request.name);
    if (item.kind != Node::Kind::Map || known == memory.names().end()) {
      if (known == memory.names().end())
        problems.add(request.mark,
                     fmt::format("a variant cannot add an SMMU: {} is not under `smmu` above", shown(request.name)));
      continue;
    }
    if (!check_section(item, Section::Smmu, problems)) continue;
    if (const Node* const base = item.find("base")) {
      const Region& region = memory.region(static_cast<std::size_t>(known - memory.names().begin()));
      const auto address = number(*base, "the address", ~std::uint64_t{0}, problems);
      if (address && region.base.value != *address)
        problems.add(base->mark, fmt::format("a variant cannot move the registers of SMMU `{}`", request.name));
    }
    const auto read = [&](std::string_view key, bool& value) {
      if (const Node* const found = item.find(key))
        value = flag(*found, fmt::format("`{}`", key), problems).value_or(value);
    };
    read("coherent", request.coherent);
    read("broadcast", request.broadcast);
    read("enabled", request.enabled);
    if (const Node* const walk = item.find("walk")) request.walk = read_walk(*walk, problems).value_or(request.walk);
    const auto place = [&](std::string_view key, std::optional<SmmuRequest::Place>& out_place) {
      const Node* const found = item.find(key);
      if (found == nullptr) return;
      if (const auto region = name_in(*found, "a region", memory.names(), problems))
        out_place = SmmuRequest::Place{*region, found->mark};
    };
    place("stream_table", request.stream_table);
    if (const Node* const split = item.find("split")) {
      constexpr std::array<std::uint8_t, 3> kSplitBits{6, 8, 10};
      if (const auto found = choice(*split, "a split", kSplits, problems)) request.split = kSplitBits.at(*found);
      if (!request.stream_table) problems.add(split->mark, "`split` needs a `stream_table`");
    }
    place("contexts", request.contexts);
    place("command_queue", request.command_queue);
    place("event_queue", request.event_queue);
    out.push_back(std::move(request));
  }
  return out;
}

void set_up_smmus(const std::vector<SmmuRequest>& requests, const Memory& memory, const Views& views, const Node& node,
                  Scenario& scenario, Problems& problems) {
  const std::size_t devices = scenario.agents.size();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::vector<std::pair<std::size_t, Mark>> behind;
    for (std::size_t a = 0; a < devices; ++a) {
      const Agent& agent = scenario.agents[a];
      const auto key =
          std::find_if(node.keys.begin(), node.keys.end(), [&](const Node& k) { return k.text == agent.name; });
      const Mark mark = key == node.keys.end() ? requests[i].mark : key->mark;
      if (agent.smmu == i) behind.emplace_back(a, mark);
      if (agent.name == requests[i].name)
        problems.add(mark, fmt::format("`{}` is the name of an SMMU already", agent.name));
    }
    SetUp(requests[i], memory, views, scenario, problems).run(behind);
  }
}

}  // namespace staleline::scenario
