// SPDX-License-Identifier: Apache-2.0
// The action stream of one program: A64 steps as they are, directives cut into chunks.
#include "staleline/pe/sequencer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "decoded_code.h"
#include "staleline/a64/execute.h"

namespace staleline::pe {

using a64::Directive;
using a64::MemoryRequest;
using a64::Step;
using What = Action::What;

namespace {

bool holds(std::uint64_t left, a64::Relation relation, std::uint64_t right) {
  switch (relation) {
    case a64::Relation::Equal:
      return left == right;
    case a64::Relation::NotEqual:
      return left != right;
    case a64::Relation::Less:
      return left < right;
    case a64::Relation::LessEqual:
      return left <= right;
    case a64::Relation::Greater:
      return left > right;
    case a64::Relation::GreaterEqual:
      return left >= right;
  }
  return false;
}

std::uint64_t length_of(const Directive& d) {
  if (d.kind == Directive::Kind::Read) return d.source.bytes;
  if (d.kind == Directive::Kind::Copy && !d.bytes.empty()) {
    return std::min<std::uint64_t>(d.destination.bytes, d.bytes.size());
  }
  return d.destination.bytes;
}

std::uint64_t little_endian(const std::uint8_t* bytes, std::size_t count) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, count);
  return value;
}

/// X0 to X30, then V0 to V31.
constexpr std::uint8_t with_origin(std::uint8_t n) {
  return n < 31 ? n : static_cast<std::uint8_t>(a64::RegisterSet::kV0 + n - 31);
}

bool is_plain(const Action& a) {
  return !a.ordered && !a.exclusive && !a.unprivileged && a.bytes <= 16 && std::has_single_bit(a.bytes);
}

/// The elements in memory order.
void lay_out(const MemoryRequest& request, const a64::Elements& elements, std::uint8_t* bytes) {
  for (std::size_t e = 0; e < request.elements; ++e)
    std::memcpy(bytes + e * request.element_bytes, &elements[e], request.element_bytes);
}

}  // namespace

std::optional<std::array<std::uint8_t, 16>> atomic_result(const Action& action,
                                                          const std::array<std::uint8_t, 16>& old) {
  const std::size_t size = action.bytes / action.elements;
  const auto value_of = [&](const std::uint8_t* bytes) {
    a64::AtomicValue value{little_endian(bytes, size), 0};
    if (action.elements == 2) value[1] = little_endian(bytes + size, size);
    return value;
  };
  const auto result = a64::atomic_result(action.atomic, static_cast<unsigned>(size), value_of(old.data()),
                                         value_of(action.data.data()), value_of(action.compared.data()));
  if (!result) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < action.bytes; ++i)
    bytes[i] = static_cast<std::uint8_t>((*result)[i / size] >> (8 * (i % size)));
  return bytes;
}

Sequencer::Sequencer(const a64::Program& program, std::uint32_t chunk, bool natural)
    : program_(&program), chunk_(chunk), natural_(natural), pc_(program.code) {
  has_expect_ = std::any_of(program.directives.begin(), program.directives.end(),
                            [](const Directive& d) { return d.kind == Directive::Kind::Expect; });
  for (const auto& [number, value] : program.registers) {
    if (number < 31) registers_.x[number] = value;
    if (number == a64::kStackPointer) registers_.sp() = value;
  }
  if (program.fetched) code_ = std::make_unique<DecodedCode>();
  prepare();
}

Sequencer::~Sequencer() = default;
Sequencer::Sequencer(Sequencer&&) noexcept = default;
Sequencer& Sequencer::operator=(Sequencer&&) noexcept = default;

void Sequencer::prepare() {
  if (code_ != nullptr) return go_on();
  action_.reset();
  const std::uint32_t index = a64::index_at(*program_, pc_);
  if (index == program_->instructions.size()) {
    step_ = Step{.next = pc_};
    return;
  }
  instruction_ = &program_->instructions[index];
  step_ = a64::issue(*instruction_, pc_, registers_, registers_);
  ++instructions_;
  prepare_step();
}

void Sequencer::prepare_step() {
  action_.line = instruction_->line;
  switch (step_.what) {
    case Step::What::Next:
      action_.what = What::Compute;
      break;
    case Step::What::Memory:
      prepare_memory(step_.memory);
      break;
    case Step::What::Barrier:
      action_.what = What::Barrier;
      action_.barrier = step_.barrier;
      break;
    case Step::What::WriteSystem:
      action_.what = What::WriteSystem;
      action_.system_register = step_.system_register;
      action_.value = step_.value;
      action_.mask = step_.mask;
      break;
    case Step::What::ReadSystem:
      action_.what = What::ReadSystem;
      action_.system_register = step_.system_register;
      break;
    case Step::What::ExceptionCall:
      action_.what = What::ExceptionCall;
      action_.call = step_.call;
      action_.value = step_.value;
      break;
    case Step::What::ExceptionReturn:
      action_.what = What::ExceptionReturn;
      break;
    case Step::What::WaitForEvent:
      action_.what = What::WaitForEvent;
      break;
    case Step::What::WaitForInterrupt:
      action_.what = What::WaitForInterrupt;
      break;
    case Step::What::SendEvent:
      action_.what = What::SendEvent;
      action_.local = step_.local;
      break;
    case Step::What::ClearExclusive:
      action_.what = What::ClearExclusive;
      break;
    case Step::What::Directive:
      prepare_directive(program_->directives[step_.directive]);
      break;
    case Step::What::Undefined:
      action_.what = What::Undefined;
      break;
  }
}

void Sequencer::prepare_memory(const MemoryRequest& request) {
  action_.address = request.address;
  action_.bytes = std::uint64_t{request.element_bytes} * request.elements;
  action_.alignment = std::max<std::uint8_t>(request.alignment, 1);
  action_.exclusive = request.exclusive;
  action_.unprivileged = request.unprivileged;
  if (request.exclusive || request.kind == MemoryRequest::Kind::Atomic)
    action_.alignment = static_cast<std::uint8_t>(action_.bytes);
  switch (request.kind) {
    case MemoryRequest::Kind::Load:
      action_.what = What::Load;
      action_.ordered = request.acquire;
      action_.weakly_ordered = request.acquire_pc;
      action_.plain = is_plain(action_);
      break;
    case MemoryRequest::Kind::Store:
      action_.what = What::Store;
      action_.ordered = request.release;
      action_.plain = is_plain(action_);
      lay_out(request, request.data, action_.data.data());
      break;
    case MemoryRequest::Kind::Atomic:
      action_.what = What::Atomic;
      action_.ordered = request.acquire;
      action_.released = request.release;
      action_.atomic = request.atomic;
      action_.elements = request.elements;
      lay_out(request, request.data, action_.data.data());
      lay_out(request, request.compared, action_.compared.data());
      break;
    case MemoryRequest::Kind::Prefetch:
      action_.what = What::Prefetch;
      action_.value = request.hint;
      break;
    case MemoryRequest::Kind::Tlbi:
      action_.what = What::Tlbi;
      action_.tlbi = request.tlbi;
      action_.value = request.data[0];
      action_.mask = request.data[1];
      break;
    case MemoryRequest::Kind::Translate:
      action_.what = What::AddressTranslate;
      action_.translation = request.translation;
      break;
    case MemoryRequest::Kind::Fetch:
      action_.what = What::Fetch;
      break;
    case MemoryRequest::Kind::Walk:
      action_.what = What::Walk;
      break;
    case MemoryRequest::Kind::Cache:
      if (request.op == arm::CacheOp::DC_ZVA) {
        // Stores of zero to the whole block (DDI 0487 C5.3.8).
        action_.what = What::Store;
        action_.address = request.address.aligned_down(arm::kLineBytes);
        action_.bytes = arm::kLineBytes;
        action_.alignment = 64;
        action_.data.fill(0);
        break;
      }
      action_.what = What::Maintenance;
      action_.operation = request.op;
      action_.value = request.data[0];
      action_.alignment = 1;
      action_.bytes = std::max<std::uint64_t>(request.range_bytes, 1);
      break;
  }
}

void Sequencer::prepare_directive(const Directive& d) {
  action_.line = d.line.value != 0 ? d.line : action_.line;
  action_.edge = d.edge;
  action_.mechanism = d.mechanism;
  switch (d.kind) {
    case Directive::Kind::Publish:
    case Directive::Kind::Handoff:
    case Directive::Kind::Doorbell:
    case Directive::Kind::Complete:
      action_.what = What::Send;
      break;
    case Directive::Kind::Await:
      action_.what = What::Await;
      if (awaited_.size() <= d.edge.value) awaited_.resize(d.edge.value + 1U);
      action_.value = awaited_[d.edge.value]++;
      break;
    case Directive::Kind::Copy:
    case Directive::Kind::Fill:
    case Directive::Kind::Read:
      offset_ = 0;
      storing_ = d.kind == Directive::Kind::Fill || !d.bytes.empty();
      prepare_chunk(d);
      break;
    case Directive::Kind::Expect:
      expect(d);
      action_.what = What::Compute;
      break;
    case Directive::Kind::Delay:
      action_.what = What::Delay;
      action_.value = d.value;
      break;
    case Directive::Kind::Grant:
    case Directive::Kind::Revoke:
      action_.what = d.kind == Directive::Kind::Grant ? What::Grant : What::Revoke;
      action_.agent = d.agent;
      action_.address = d.destination.begin;
      action_.bytes = d.destination.bytes;
      break;
    case Directive::Kind::Vector:
      action_.what = What::SetVector;
      action_.value = d.value;
      break;
    case Directive::Kind::PowerOff:
      action_.what = What::PowerOff;
      action_.value = d.value;
      break;
    case Directive::Kind::PowerOn:
      action_.what = What::PowerOn;
      break;
    case Directive::Kind::Emulate:
      action_.what = What::Emulate;
      break;
  }
}

void Sequencer::prepare_chunk(const Directive& d) {
  const std::uint64_t left = length_of(d) - offset_;
  if (left == 0) {
    action_.what = What::Compute;
    return;
  }
  const bool loads = d.bytes.empty();
  const bool stores = d.kind != Directive::Kind::Read;
  const std::uint64_t to = stores ? d.destination.begin.value + offset_ : 0;
  const std::uint64_t from = loads ? d.source.begin.value + offset_ : 0;
  std::uint64_t bytes = std::min<std::uint64_t>(chunk_, left);
  if (natural_) {
    bytes = std::bit_floor(bytes);
    while ((to & (bytes - 1)) != 0 || (from & (bytes - 1)) != 0) bytes /= 2;
  } else {
    if (stores) bytes = std::min(bytes, chunk_ - to % chunk_);
    if (loads) bytes = std::min(bytes, chunk_ - from % chunk_);
  }
  action_.what = storing_ ? What::Store : What::Load;
  action_.address = storing_ ? d.destination.begin + offset_ : d.source.begin + offset_;
  action_.bytes = bytes;
  action_.alignment = natural_ ? static_cast<std::uint8_t>(std::min<std::uint64_t>(bytes, 8)) : std::uint8_t{1};
  if (!storing_) return;
  if (d.kind == Directive::Kind::Fill) {
    action_.data.fill(d.bytes.empty() ? std::uint8_t{0} : d.bytes.front());
  } else if (!d.bytes.empty()) {
    std::memcpy(action_.data.data(), d.bytes.data() + offset_, bytes);
  }
}

bool Sequencer::next_chunk(const std::array<std::uint8_t, 64>& response) {
  const Directive& d = program_->directives[step_.directive];
  const bool moves = d.kind == Directive::Kind::Copy && d.bytes.empty();
  if (moves && !storing_) {
    storing_ = true;
    prepare_chunk(d);
    action_.data = response;
    return true;
  }
  if (moves) storing_ = false;
  offset_ += action_.bytes;
  if (offset_ >= length_of(d)) return false;
  prepare_chunk(d);
  return true;
}

bool Sequencer::finish(const std::array<std::uint8_t, 64>& response, arm::PhysAddr from) {
  if (action_.what == What::InstructionFetch) {
    prepare();
    return false;
  }
  if (plain_access_) {
    plain_access_ = false;
    a64::complete_access(*instruction_, std::span(response).first<16>(), registers_);
  } else if (step_.what == Step::What::Directive) {
    if ((action_.what == What::Load || action_.what == What::Store) && next_chunk(response)) return false;
  } else if (step_.what == Step::What::Memory) {
    const std::size_t element = step_.memory.element_bytes;
    a64::Elements elements{};
    if (action_.what != What::Store)
      for (std::size_t e = 0; e < step_.memory.elements; ++e)
        elements[e] = little_endian(response.data() + e * element, element);
    if (step_.memory.exclusive && action_.what == What::Store) elements[0] = response[0];
    a64::complete(*instruction_, elements, registers_);
    if (has_expect_) remember_origin(from);
  } else if (step_.what == Step::What::ReadSystem) {
    a64::complete(*instruction_, {little_endian(response.data(), 8)}, registers_);
  } else if (has_expect_ && step_.what == Step::What::Next) {
    remember_origin({});
  }
  pc_ = step_.next;
  prepare();
  return true;
}

void Sequencer::go_to(arm::VirtAddr code) {
  pc_ = code;
  plain_access_ = false;
  refetch();
  prepare();
}

void Sequencer::remember_origin(arm::PhysAddr from) {
  const auto roles = a64::roles(*instruction_);
  Origin origin;
  const bool loads = step_.what == Step::What::Memory && (action_.what == What::Load || action_.what == What::Atomic ||
                                                          action_.what == What::Fetch || action_.what == What::Walk);
  if (loads) {
    origin = {from, static_cast<std::uint8_t>(action_.bytes), action_.line};
  } else {
    // A move or an operation hands on where its first loaded source came from.
    for (std::uint8_t r = 0; r < origins_.size(); ++r) {
      if (roles.data.contains(with_origin(r)) && origins_[r].bytes != 0 && origin.bytes == 0) origin = origins_[r];
    }
  }
  for (std::uint8_t r = 0; r < origins_.size(); ++r) {
    if (roles.written.contains(with_origin(r))) origins_[r] = origin;
  }
}

void Sequencer::expect(const Directive& d) {
  const std::uint64_t actual = registers_.x.at(d.register_number);
  if (holds(actual, d.relation, d.value)) return;
  const Origin& origin = origins_.at(d.register_number);
  unexpected_.push_back({step_.directive, actual, origin.address, origin.bytes, origin.line});
}

}  // namespace staleline::pe
