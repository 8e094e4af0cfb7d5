/* One command a line on standard input, one line as the answer: "ok ..." or "error ...". */
#ifndef COMMANDS_H
#define COMMANDS_H

/* Carries out a command. Calls `on_host` with the number of each new host. */
void run_command(char *line, void (*on_host)(int host));
#endif
