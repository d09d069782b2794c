/* Calls that do not compile here. Included last by base.h. */
#ifndef VERN_BANNED_H
#define VERN_BANNED_H
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol rand srand localtime gmtime
#endif
