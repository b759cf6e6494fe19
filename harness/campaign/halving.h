/* Which release to look at next, so that few have to be: halving, as in a binary search, between releases that differ.
 *
 * A defect may come and go again. So both ends are looked at first; where they differ, halving finds a release after
 * which it came, or went. Where both are good, what lies between is looked at in ever finer steps until a bad one is
 * found, and then halving goes on to both sides of it. Where both are bad nothing says that it was ever gone, and no
 * more is looked at. Releases that cannot be tried are stepped over.
 *
 * What is found is true of the two releases that it stands between, both of which were tried. That nothing else lies
 * between releases that were not tried is not known. */
#ifndef FF_CAMPAIGN_HALVING_H
#define FF_CAMPAIGN_HALVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum probe { PROBE_UNKNOWN, PROBE_GOOD, PROBE_BAD, PROBE_SKIPPED };

#define HALVING_DONE SIZE_MAX

/* An index whose probe is unknown, of those from the oldest on; HALVING_DONE where no more is needed. */
size_t halving_next(const enum probe *probes, size_t count);

/* The first pair at or after `from` of which one is good and one is bad, with none between but skipped ones. */
bool halving_change(const enum probe *probes, size_t count, size_t from, size_t *before, size_t *after);

/* The most probes that a defect needs which begins and ends once and is not met at either end; for an estimate. */
size_t halving_likely(size_t count);

#endif
