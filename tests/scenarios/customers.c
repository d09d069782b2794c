#include "scenario.h"
void s03_a_lead(const struct cast *cast) { (void)cast; }
void s04_one_address_several_purposes(const struct cast *cast) { (void)cast; }
void s13_sixty_years(const struct cast *cast) { (void)cast; }
void s22_restriction(const struct cast *cast) { (void)cast; }
void s25_crash_restore_tamper(const struct cast *cast) { (void)cast; }
