/* What the policy calls what it names, in each of its languages: so that whoever shows a name of
 * the policy to people has a word for it. */
#include "engine_internal.h"

enum { SAYS_BYTES = 512 << 10 };

void says_put(struct json_out *out, const char *key, const struct plan *plan,
              const struct says *says)
{
    json_key(out, key);
    json_open_object(out);
    for (size_t i = 0; i < says->count; i++) {
        json_key_str(out, words_text(plan->words, says->at[i].language));
        json_put_str(out, says->at[i].text);
    }
    json_close_object(out);
}

static void open_named(struct json_out *out, const struct plan *plan, const struct clause *clause)
{
    json_open_object(out);
    json_key(out, "name");
    json_put_str(out, words_text(plan->words, clause->name));
    says_put(out, "says", plan, &clause->says);
}

static void put_purposes(struct json_out *out, const struct plan *plan)
{
    json_key(out, "purposes");
    json_open_array(out);
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        open_named(out, plan, &plan->purpose[p].clause);
        json_key(out, "only_counted");
        json_put_bool(out, plan->purpose[p].counts_only > 0);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_categories(struct json_out *out, const struct plan *plan)
{
    json_key(out, "categories");
    json_open_array(out);
    for (plan_index c = 0; c < plan->category_count; c++) {
        open_named(out, plan, &plan->category[c].clause);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_fields(struct json_out *out, const struct plan *plan)
{
    json_key(out, "fields");
    json_open_array(out);
    for (plan_index f = 0; f < plan->field_count; f++) {
        json_open_object(out);
        json_key(out, "name");
        json_put_str(out, words_text(plan->words, plan->field[f].name));
        says_put(out, "says", plan, &plan->field[f].says);
        json_close_object(out);
    }
    json_close_array(out);
}

status engine_says(const struct reg *reg, struct arena *arena, struct report *report, str *json)
{
    const struct plan *plan = reg_plan(reg, reg_now(reg));
    struct buf buf = buf_in(arena, SAYS_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    put_purposes(&out, plan);
    put_categories(&out, plan);
    put_fields(&out, plan);
    json_close_object(&out);
    return buf_finish(&buf, report, json);
}
