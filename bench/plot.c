/* plot: a chart of bars as SVG, from a table of few rows.
 *
 *   bench_plot <TABLE >CHART.svg        run by bench/run
 *
 * The first line of the table is the title, the second what is measured and the names of the
 * series, each further one a group and its values: "connections|Vern|PostgreSQL", "64|3582|1200".
 * Heights are of the logarithm, so that a ratio is a distance, and the chart says so; each bar
 * bears its value. */
#include <math.h>
#include <string.h>

#include "measure.h"

enum {
    GROUPS_MOST = 16,
    SERIES_MOST = 6,
    LINE_BYTES = 512,
    WIDTH = 720,
    HEIGHT = 300,
    LEFT = 16,
    TOP = 56,
    BOTTOM = 40,
};

static char lines[GROUPS_MOST + 2][LINE_BYTES];
static char *cells[GROUPS_MOST + 2][SERIES_MOST + 1];
static int line_count, series;
static double least = INFINITY, most = 0;
static const char *const COLOURS[SERIES_MOST] = {"#1b5e7d", "#c9772b", "#7a7a7a",
                                                 "#4d8b31", "#8e4585", "#b3a125"};

static int split(char *line, char **into)
{
    int count = 0;
    for (char *at = line; at != NULL && count <= SERIES_MOST;) {
        into[count++] = at;
        at = strchr(at, '|');
        if (at != NULL)
            *at++ = '\0';
    }
    return count;
}

static void read_table(void)
{
    while (line_count < GROUPS_MOST + 2 && fgets(lines[line_count], LINE_BYTES, stdin) != NULL) {
        lines[line_count][strcspn(lines[line_count], "\n")] = '\0';
        int count = line_count == 0 ? 0 : split(lines[line_count], cells[line_count]);
        if (line_count == 1)
            series = count - 1;
        BENCH_MUST(line_count < 2 || count == series + 1, "a row of another length");
        for (int i = 1; line_count > 1 && i <= series; i++) {
            double value = strtod(cells[line_count][i], NULL);
            least = value > 0 ? fmin(least, value) : least;
            most = fmax(most, value);
        }
        line_count++;
    }
    BENCH_MUST(line_count > 2 && series > 0 && most > 0, "no table");
}

static void write_text(double x, double y, int size, const char *anchor, const char *text)
{
    printf("<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" text-anchor=\"%s\">", x, y, size, anchor);
    for (; *text != '\0'; text++) {
        if (*text == '<' || *text == '&')
            printf(*text == '<' ? "&lt;" : "&amp;");
        else
            putchar(*text);
    }
    printf("</text>\n");
}

static void write_bars(int row, double left, double width)
{
    double floor_ = log(least) - 0.5, high = log(most) - floor_;
    double each = width * 0.8 / series;
    for (int i = 0; i < series; i++) {
        double value = strtod(cells[row][i + 1], NULL);
        double tall = value > 0 ? (log(value) - floor_) / high * (HEIGHT - TOP - BOTTOM - 12) : 0;
        double x = left + width * 0.1 + each * i, y = HEIGHT - BOTTOM - tall;
        printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y,
               each * 0.92, tall, COLOURS[i]);
        write_text(x + each * 0.46, y - 3, 10, "middle", cells[row][i + 1]);
    }
    write_text(left + width / 2, HEIGHT - BOTTOM + 15, 12, "middle", cells[row][0]);
}

int main(void)
{
    read_table();
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
           "font-family=\"sans-serif\" "
           "fill=\"#222\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
           WIDTH, HEIGHT);
    write_text(LEFT, 20, 15, "start", lines[0]);
    for (int i = 0; i < series; i++) {
        printf("<rect x=\"%d\" y=\"30\" width=\"11\" height=\"11\" fill=\"%s\"/>\n", LEFT + i * 170,
               COLOURS[i]);
        write_text(LEFT + i * 170 + 16, 40, 12, "start", cells[1][i + 1]);
    }
    double width = (double)(WIDTH - 2 * LEFT) / (line_count - 2);
    for (int row = 2; row < line_count; row++)
        write_bars(row, LEFT + width * (row - 2), width);
    printf("<path d=\"M%d %dH%d\" stroke=\"#222\"/>\n", LEFT, HEIGHT - BOTTOM, WIDTH - LEFT);
    write_text(LEFT, HEIGHT - 8, 11, "start", "logarithmic: the same ratio is the same distance");
    write_text(WIDTH - LEFT, HEIGHT - 8, 11, "end", cells[1][0]);
    printf("</svg>\n");
    return 0;
}
