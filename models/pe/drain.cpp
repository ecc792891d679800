// SPDX-License-Identifier: Apache-2.0
// Stores on their way out, and what comes back from the caches.
#include <cstring>

#include "core.h"

namespace staleline::pe {

// Sends what has to leave; true where an entry left at once.
bool Pe::Core::send_stores() {
  bool left = false;
  while (StoreBuffer::Entry* entry = stores_.ready(now_)) {
    const std::uint32_t id = entry->id;
    for_each_piece(entry->mask, [&](unsigned offset, unsigned bytes) {
      cache::Request r;
      r.op = cache::Request::Op::Store;
      r.address = entry->line + offset;
      r.size = static_cast<std::uint8_t>(bytes);
      r.path = entry->path;
      std::memcpy(r.data.data(), entry->data.data() + offset, bytes);
      r.tag = kStoreTag | (id & ~kTagKind);
      if (caches_.access(now_, r)) left |= stores_.done(id);
    });
  }
  return left;
}

void Pe::Core::completed(const cache::Request& r, Cycle at) {
  switch (r.tag & kTagKind) {
    case kLoadTag: {
      Thread& t = threads_[current_];
      load_pending_ = false;
      ready_at_ = at > now_ ? at : now_;
      if (r.failed) {
        fault(t, t.sequencer.action().address + t.progress, {mmu::Fault::Kind::External});
        break;
      }
      loaded(t, r);
      if (t.progress == t.sequencer.action().bytes) finish(t);
      break;
    }
    case kStoreTag:  // what fails here is an SError, which is not modelled
      stores_.done(r.tag & ~kTagKind);
      break;
    case kWalkTag:
      walk_pending_ = false;
      ready_at_ = at > now_ ? at : now_;
      if (r.failed) {
        walk_->table.fail(arm::TranslationFaultType::ExternalOnWalk);
      } else {
        walked(threads_[walk_thread_], *walk_, r);
      }
      break;
    case kAtomicTag: {
      Thread& t = threads_[current_];
      load_pending_ = false;
      ready_at_ = at > now_ ? at : now_;
      if (r.failed) {
        fault(t, t.sequencer.action().address, {mmu::Fault::Kind::External});
        break;
      }
      altered(t, r);
      finish(t);
      break;
    }
    case kUpdateTag:
      walk_pending_ = false;
      ready_at_ = at > now_ ? at : now_;
      if (r.failed) {
        walk_->table.fail(arm::TranslationFaultType::ExternalOnWalk);
      } else {
        updated(threads_[walk_thread_], *walk_, r);
      }
      break;
    case kMaintenanceTag:
      --threads_[r.tag & ~kTagKind].maintenance;
      break;
    default:  // put out by speculation: nobody waits
      break;
  }
}

}  // namespace staleline::pe
