/* Vern as a library: a register, a person, what is held about them.
 *
 *   cc library.c $(pkg-config --cflags --libs vern) -o library
 *   ./library FOLDER POLICY.yaml */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vern.h>

static const char *read_file(const char *path)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "r");
    if (file == NULL || fread(text, 1, sizeof(text) - 1, file) == 0)
        exit(1);
    fclose(file);
    return text;
}

static void must(enum vern_status status, const struct vern_error *error)
{
    if (status == VERN_OK)
        return;
    fprintf(stderr, "%d: %s\n", (int)status, error->text);
    exit((int)status);
}

/* Asks as any client of the API does; docs/api.md lists what can be asked. */
static void ask(struct vern *vern, const char *token, const char *method, const char *path,
                const char *body)
{
    struct vern_error error;
    struct vern_answer answer;
    struct vern_request request = {.method = method, .path = path, .token = token, .body = body,
                                   .body_bytes = body == NULL ? 0 : strlen(body)};
    must(vern_ask(vern, &request, &answer, &error), &error);
    printf("%s %s: %d %s", method, path, answer.code, answer.body);
    vern_answer_end(&answer);
}

int main(int argc, char **argv)
{
    struct vern *vern;
    struct vern_error error;
    char token[VERN_TOKEN_BYTES];
    if (argc != 3)
        return VERN_USAGE;
    struct vern_register shop = {.name = "shop", .policy = read_file(argv[2])};
    must(vern_create(argv[1], NULL, &shop, token, &error), &error);
    must(vern_open(argv[1], NULL, &vern, &error), &error);
    ask(vern, token, "GET", "/v1/register", NULL);
    ask(vern, token, "POST", "/v1/subjects", "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"K-17\"}]}");
    ask(vern, token, "POST", "/v1/subjects/find", "{\"kind\":\"number\",\"value\":\"K-17\"}");
    must(vern_tick(vern, &error), &error); /* about once a second, while it is open */
    vern_close(vern);
    return 0;
}
