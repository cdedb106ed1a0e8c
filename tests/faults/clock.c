/* Shifts the wall clock of every process that loads it by the seconds that the file $SHIFTED_CLOCK holds; the monotonic clock goes on as it is. */
struct timespec { long tv_sec, tv_nsec; };
struct timeval { long tv_sec, tv_usec; };

void *dlsym(void *, const char *);
char *getenv(const char *);
int open(const char *, int, ...);
long read(int, void *, unsigned long);
int close(int);
long strtol(const char *, char **, int);

static long shift(void) {
  char *path = getenv("SHIFTED_CLOCK"), text[32];
  int file = path ? open(path, 0) : -1;
  if (file < 0) return 0;
  long length = read(file, text, sizeof text - 1);
  close(file);
  text[length < 0 ? 0 : length] = 0;
  return strtol(text, 0, 10);
}

int clock_gettime(int which, struct timespec *now) {
  static int (*real)(int, struct timespec *);
  if (!real) real = dlsym((void *)-1, "clock_gettime");
  int answer = real(which, now);
  if (which == 0 && answer == 0) now->tv_sec += shift();
  return answer;
}

long time(long *out) {
  struct timespec now;
  clock_gettime(0, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *out, void *zone) {
  struct timespec now;
  clock_gettime(0, &now);
  out->tv_sec = now.tv_sec, out->tv_usec = now.tv_nsec / 1000;
  return 0;
}
