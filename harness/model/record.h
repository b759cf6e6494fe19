/* Records: what a worker tells the driver while it runs. One JSON object a line, each with a key "record":
 *
 *   hello      {python, binary, stdlib, tsan, pid}
 *              The interpreter is up.
 *   ready      {actors: [{name, threads}], lifted, gil}
 *              Scenario loaded, set-up done. `lifted` false: the job asked for races of Python code, and this worker
 *              cannot see them, or it did not ask. `gil`: whether Python has one now.
 *   refused    {code, message}
 *              The job cannot run: bad scenario, failed import or set-up.
 *   control    {passed, message}
 *              The actors, one after the other, before the trials.
 *   finding    {kind, message, actor, where, traceback, first_at, fingerprint, reachable, confirmed, race}
 *              At once, when first met. `reachable` and `confirmed` may be missing: then it holds under the run's own
 *              switch points, and stress has confirmed it.
 *   race       {container, key, effect, report,
 *               accesses: [{thread, started, operation, function, file, line, stack: []}]}
 *              Within a finding that is a data race of Python code; model/race.h says what each is. `reachable` may
 *              then be "language" as well: nothing was seen to go wrong on this interpreter. What is null or missing
 *              is not known.
 *   progress   {schedules, operations, seconds, counts: {fingerprint: n}, calls: {actor: n}, reached: {point: n},
 *               peak_rss_kib}
 *              Now and then, and once more before `done`.
 *   note       {text}
 *              A sentence for the coverage.
 *   schedule   {fingerprint, reachable, confirmed, switches, schedule, report, effect,
 *               interleaving: [{thread, function, file, line, source, switched}]}
 *              Explore: the shrunk schedule of a finding told before, its text, and its steps in order (`switched`:
 *              after this one control was taken from its thread). `confirmed` may be null, and the record may come
 *              again when it is known. `report` and `effect`: of a race, where they came later.
 *   claim      {done, bound, complete, text}
 *              Explore: what may be claimed so far (strategy/strategy.h); now and then, and once more before `done`.
 *   replay     {outcome, line, detail}
 *              Replay: "fails the same", "fails otherwise", "passes", "diverged" (at that line of the file), "cannot be
 *              reached"; where it was run several times, the first of these that came counts.
 *   done       {why}
 *              The end; `why` is null, or the reason it was cut short.
 *
 * A worker may die at any byte: the driver takes each whole line as true and the lack of `done` as an outcome. */
#ifndef FF_MODEL_RECORD_H
#define FF_MODEL_RECORD_H

#define RECORD_HELLO "hello"
#define RECORD_READY "ready"
#define RECORD_REFUSED "refused"
#define RECORD_CONTROL "control"
#define RECORD_FINDING "finding"
#define RECORD_PROGRESS "progress"
#define RECORD_NOTE "note"
#define RECORD_SCHEDULE "schedule"
#define RECORD_CLAIM "claim"
#define RECORD_REPLAY "replay"
#define RECORD_DONE "done"

#endif
