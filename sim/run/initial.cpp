// SPDX-License-Identifier: Apache-2.0
// `init:` becomes bytes in memory, lines in caches, and the events that say so.
#include "initial.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace staleline::run {

namespace {

using scenario::Init;

constexpr std::uint32_t kInitial = 1;  // bit 0 of aux: before any agent acted

// Calls piece(address, bytes) for [begin, begin + bytes) in pieces of at most `largest`, none across a multiple of it.
template <class Piece>
void for_each_piece(arm::PhysAddr begin, std::uint64_t bytes, std::uint64_t largest, Piece piece) {
  for (std::uint64_t done = 0; done < bytes;) {
    const arm::PhysAddr at = begin + done;
    const std::uint64_t size = std::min(bytes - done, largest - at.offset_in(largest));
    piece(at, size);
    done += size;
  }
}

class Builder {
 public:
  explicit Builder(const scenario::Scenario& s) : scenario_(s) {}

  void apply(const Init& init) {
    const arm::PhysAddr begin = scenario_.regions.at(init.region).base + init.offset;
    std::vector<std::uint8_t> bytes(init.bytes);
    if (init.contents.empty()) {
      read(begin, bytes);
    } else {
      for (std::size_t i = 0; i < bytes.size(); i += init.contents.size())
        std::copy_n(init.contents.begin(), std::min(init.contents.size(), bytes.size() - i),
                    bytes.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (init.held != Init::Held::Dirty) result.memory.write(begin, bytes);
    if (init.held == Init::Held::InMemory) return;
    hold(init, begin, bytes);
    tell(init, begin, bytes);
  }

  Initial result;

 private:
  // As a cacheable access of the holders would see it.
  void read(arm::PhysAddr begin, std::span<std::uint8_t> bytes) const {
    result.memory.read(begin, bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const arm::PhysAddr at = begin + i;
      if (const HeldLine* h = find(at.aligned_down(arm::kLineBytes))) bytes[i] = h->data[at.offset_in(arm::kLineBytes)];
    }
  }

  // The newest copy of the line: the last that was declared.
  const HeldLine* find(arm::PhysAddr line) const {
    const auto found = newest_.find(line.value);
    return found == newest_.end() ? nullptr : &result.held[found->second];
  }

  void hold(const Init& init, arm::PhysAddr begin, std::span<const std::uint8_t> bytes) {
    const bool dirty = init.held == Init::Held::Dirty;
    for_each_piece(begin, bytes.size(), arm::kLineBytes, [&](arm::PhysAddr at, std::uint64_t size) {
      const arm::PhysAddr line = at.aligned_down(arm::kLineBytes);
      HeldLine held{init.holder, line, dirty, {}};
      read(line, held.data);
      std::memcpy(held.data.data() + (at - line), bytes.data() + (at - begin), size);
      newest_[line.value] = result.held.size();
      result.held.push_back(held);
    });
  }

  void tell(const Init& init, arm::PhysAddr begin, std::span<const std::uint8_t> bytes) {
    const bool dirty = init.held == Init::Held::Dirty;
    const scenario::Agent& holder = scenario_.agents.at(init.holder.value);
    const auto emit = [&](arm::PhysAddr at, std::uint64_t size, const std::uint8_t* data) {
      event::Event e;
      e.kind = dirty ? event::Kind::Write : event::Kind::Read;
      e.address = at;
      e.size = static_cast<std::uint8_t>(size);
      std::memcpy(e.data.data(), data, size);
      e.aux = kInitial;
      e.line = init.line;
      e.agent = init.holder;
      e.pe = event::PeId{holder.core};
      result.events.push_back(e);
    };
    if (dirty) {
      for_each_piece(begin, bytes.size(), 16,
                     [&](arm::PhysAddr at, std::uint64_t size) { emit(at, size, bytes.data() + (at - begin)); });
      return;
    }
    // A clean copy is of whole lines.
    const arm::PhysAddr first = begin.aligned_down(arm::kLineBytes);
    const arm::PhysAddr end = (begin + bytes.size()).aligned_up(arm::kLineBytes);
    std::vector<std::uint8_t> lines(end - first);
    read(first, lines);
    for_each_piece(first, lines.size(), 16,
                   [&](arm::PhysAddr at, std::uint64_t size) { emit(at, size, lines.data() + (at - first)); });
  }

  const scenario::Scenario& scenario_;
  std::map<std::uint64_t, std::size_t> newest_;  // by line: index into result.held
};

}  // namespace

void InitialMemory::write(arm::PhysAddr address, std::span<const std::uint8_t> bytes) {
  memory_.write(address, bytes);
  written_.emplace_back(address, bytes.size());
}

Initial initial(const scenario::Scenario& s) {
  Builder builder(s);
  for (const auto& init : s.init) builder.apply(init);
  return std::move(builder.result);
}

void load(const Initial& initial, Machine& machine) {
  initial.memory.for_each_part([&](arm::PhysAddr at, auto bytes) { machine.interconnect().poke(at, bytes); });
  for (const auto& h : initial.held) machine.pe_of(h.holder).caches().preload(h.line, h.data, h.dirty);
}

}  // namespace staleline::run
