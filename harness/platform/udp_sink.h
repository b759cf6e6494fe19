/* A UDP socket on loopback with a thread that drains it: where a scenario's metrics backend sends real datagrams.
 *
 * One a process, opened on first use. The kernel may drop datagrams when the sink is slower than the senders: the
 * count is for the coverage, never for an invariant. */
#ifndef FF_PLATFORM_UDP_SINK_H
#define FF_PLATFORM_UDP_SINK_H

#include <stdint.h>

#include "platform/err.h"

int udp_sink_port(struct err *err); /* -1 on failure */
uint64_t udp_sink_received(void);   /* datagrams so far; 0 when it was never opened */

#endif
