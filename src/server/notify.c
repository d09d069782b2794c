/* What a service manager is told: one datagram to the socket that it named (sd_notify(3)). */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server.h"

/* A name that begins with '@' is one without a file. */
void notify_manager(str socket_name, str state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (socket_name.len < 2 || socket_name.len >= sizeof(address.sun_path) ||
        (socket_name.ptr[0] != '/' && socket_name.ptr[0] != '@'))
        return;
    memcpy(address.sun_path, socket_name.ptr, socket_name.len);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + socket_name.len);
    (void)!sendto(fd, state.ptr, state.len, MSG_NOSIGNAL, (const struct sockaddr *)&address,
                  length);
    close(fd);
}
