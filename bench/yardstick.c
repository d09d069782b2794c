/* How fast this machine is just now, for whoever compares figures of two days: what a use of data
 * does most of, a look into memory and a short hash, and how busy others keep the processors. One
 * line: a look into 8 MB at random 24 ns, SHA-256 of 64 bytes 160 ns; others use 3 % of 2 cores
 *   bench_yardstick [BUSY]     with BUSY: ends with 1 where others use more than that many per cent
 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

enum { LINES = 8 << 20 >> 6, LOOKS = 2000000, HASHES = 500000, LINE = 64, WATCH_SECONDS = 1 };

/* A circle through all lines in an order that no prefetcher guesses. */
static void draw_circle(uint64_t *memory)
{
    static uint32_t order[LINES];
    uint64_t state = 88172645463325252u;
    for (uint32_t i = 0; i < LINES; i++)
        order[i] = i;
    for (uint32_t i = LINES - 1; i > 0; i--) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        uint32_t j = (uint32_t)(state % (i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    for (uint32_t i = 0; i < LINES; i++)
        memory[(size_t)order[i] * LINE / 8] = order[(i + 1) % LINES];
}

static double look_ns(void)
{
    uint64_t *memory = aligned_alloc(LINE, (size_t)LINES * LINE);
    if (memory == NULL)
        abort();
    draw_circle(memory);
    uint64_t at = 0, start = cpu_ns();
    for (int i = 0; i < LOOKS; i++)
        at = memory[at * LINE / 8];
    double each = (double)(cpu_ns() - start) / LOOKS;
    BENCH_MUST(at < LINES, "the circle is broken");
    free(memory);
    return each;
}

static double hash_ns(void)
{
    unsigned char text[LINE] = {0}, digest[EVP_MAX_MD_SIZE];
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = sha256 != NULL && context != NULL;
    uint64_t start = cpu_ns();
    for (int i = 0; good && i < HASHES; i++) {
        good = EVP_DigestInit_ex(context, sha256, NULL) == 1 &&
               EVP_DigestUpdate(context, text, sizeof(text)) == 1 &&
               EVP_DigestFinal_ex(context, digest, NULL) == 1;
        memcpy(text, digest, 32);
    }
    double each = (double)(cpu_ns() - start) / HASHES;
    BENCH_MUST(good, "SHA-256 is not to be had");
    EVP_MD_CTX_free(context);
    EVP_MD_free(sha256);
    return each;
}

/* Ticks that all processors were busy, and had in all. */
static void read_ticks(uint64_t *busy, uint64_t *all)
{
    FILE *stat = fopen("/proc/stat", "r");
    unsigned long long part[8] = {0};
    BENCH_MUST(stat != NULL &&
                   fscanf(stat, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &part[0], &part[1],
                          &part[2], &part[3], &part[4], &part[5], &part[6], &part[7]) == 8,
               "/proc/stat is not as it was");
    fclose(stat);
    *busy = *all = 0;
    for (int i = 0; i < 8; i++) {
        *all += part[i];
        if (i != 3 && i != 4) /* idle, and waiting for a disk */
            *busy += part[i];
    }
}

int main(int count, char **words)
{
    uint64_t busy[2], all[2];
    read_ticks(&busy[0], &all[0]);
    sleep(WATCH_SECONDS); /* this is what is measured: a second in which we do nothing */
    read_ticks(&busy[1], &all[1]);
    double share =
        all[1] == all[0] ? 0 : 100.0 * (double)(busy[1] - busy[0]) / (double)(all[1] - all[0]);
    printf("a look into 8 MB at random %.0f ns, SHA-256 of 64 bytes %.0f ns; others use %.0f %% of "
           "%ld cores\n",
           look_ns(), hash_ns(), share, sysconf(_SC_NPROCESSORS_ONLN));
    return count > 1 && share > strtod(words[1], NULL);
}
