/* Two devices that answer as the driver's management library does. The file named by NVML_STAND_IN_XID, when it is there,
   holds an XID that is reported once for device 0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>

static char devices[2];

static int text(char *to, unsigned int length, const char *from) {
  if (strlen(from) + 1 > length) return 7;
  strcpy(to, from);
  return 0;
}

const char *nvmlErrorString(int code) { return code == 6 ? "Not Found" : "Some Error"; }
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle) {
  if (index > 1) return 6;
  *handle = &devices[index];
  return 0;
}
int nvmlDeviceGetUUID(void *handle, char *to, unsigned int length) {
  return text(to, length, handle == &devices[0] ? "GPU-aaaa" : "GPU-bbbb");
}
int nvmlDeviceGetName(void *handle, char *to, unsigned int length) { (void)handle; return text(to, length, "Stand-in"); }
int nvmlDeviceGetMinorNumber(void *handle, unsigned int *minor) { *minor = handle == &devices[0] ? 0 : 1; return 0; }
int nvmlDeviceGetPciInfo_v3(void *handle, char *info) {
  (void)handle;
  memset(info, 0, 68);
  strcpy(info + 36, "00000000:FF:1F.7");
  return 0;
}
int nvmlSystemGetDriverVersion(char *to, unsigned int length) { return text(to, length, "1.2.3"); }
int nvmlEventSetCreate(void **set) { *set = devices; return 0; }
int nvmlEventSetFree(void *set) { (void)set; return 0; }
int nvmlDeviceRegisterEvents(void *handle, uint64_t types, void *set) {
  (void)handle; (void)types; (void)set;
  return 0;
}
int nvmlEventSetWait_v2(void *set, void *event, unsigned int timeout) {
  (void)set; (void)timeout;
  const char *path = getenv("NVML_STAND_IN_XID");
  FILE *file = path ? fopen(path, "r") : NULL;
  if (!file) return 10;
  unsigned long long xid = 0;
  int read = fscanf(file, "%llu", &xid);
  fclose(file);
  remove(path);
  if (read != 1) return 10;
  struct { void *device; uint64_t type; uint64_t data; uint32_t a, b; } found = { &devices[0], 8, xid, 0, 0 };
  memcpy(event, &found, sizeof found);
  return 0;
}
